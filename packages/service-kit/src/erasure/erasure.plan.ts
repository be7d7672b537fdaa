/**
 * SQL that picks rows of a table, with `:workspace` and `:user` for whom it is about. In `ofUser` the workspace is
 * added by itself.
 */
interface Choice {
  /** The name in reports and certificates; the table's own unless told. */
  readonly kind?: string;
  /** Rows that go with a whole workspace. `workspace_id = :workspace` unless told; null for none. */
  readonly ofWorkspace?: string | null;
  /** Rows in a workspace that goes on which are one person's own; none unless told. */
  readonly ofUser?: string;
  /** Rows that belong to a person and to no workspace; then none go with a workspace unless told. */
  readonly ofPerson?: string;
}

/** What becomes of the rows of one table. */
export interface ErasureStep extends Choice {
  readonly table: string;
  readonly kind: string;
  readonly act: 'erase' | 'release' | 'retain' | 'none';
  /** The columns that an act of `release` sets. */
  readonly set?: string;
  /** For people: why rows stay. */
  readonly reason?: string;
}

const chosen = (choice: Choice): Choice => ({
  ofWorkspace: choice.ofPerson === undefined ? 'workspace_id = :workspace' : null,
  ...choice,
});

/** Rows of this table are deleted; without a choice, all of a workspace that goes and none of one that stays. */
export const erases = (table: string, choice: Choice = {}): ErasureStep => ({
  kind: table,
  ...chosen(choice),
  table,
  act: 'erase',
});

/**
 * Rows stay but no longer name the person.
 * @param set what to set, such as `created_by = null`; afterwards the choice must find them no more
 */
export const releases = (table: string, set: string, choice: Omit<Choice, 'ofWorkspace'>): ErasureStep => ({
  kind: `${table}_released`,
  ...choice,
  ofWorkspace: null,
  table,
  set,
  act: 'release',
});

/** Rows are kept, and the certificate says how many and why. */
export const retains = (table: string, reason: string, choice: Choice = {}): ErasureStep => ({
  kind: table,
  ...chosen(choice),
  table,
  reason,
  act: 'retain',
});

/** The table has nothing of anybody, such as a price list. */
export const holdsNobody = (table: string): ErasureStep => ({ table, kind: table, act: 'none', ofWorkspace: null });

/** What every service has from the kit; after its own tables. */
export const kitSteps: readonly ErasureStep[] = [
  erases('jobs', { ofUser: `user_id = :user and finished_at is not null` }),
  // Work on what the workspace keeps goes on without saying for whom.
  releases('jobs', 'user_id = null', { ofUser: 'user_id = :user' }),
  erases('idempotency_keys', { ofUser: 'user_id = :user' }),
  // Events still to be delivered are delivered, and dropped where the workspace is gone.
  erases('outbox', {
    kind: 'undelivered_events',
    ofWorkspace: `workspace_id = :workspace and state = 'dead'`,
    ofUser: `envelope->>'userid' = :user::text and state = 'dead'`,
  }),
];

/** Whose rows one round goes over. */
export type ErasureRound = 'ofWorkspace' | 'ofUser' | 'ofPerson';

/**
 * The condition of a step in a round with its values, or undefined when the step has nothing to do there; pure.
 * @param first the number of the first placeholder
 */
export const conditionOf = (
  step: ErasureStep,
  round: ErasureRound,
  whom: { workspaceId: string; userId: string | null },
): { sql: string; values: string[] } | undefined => {
  const own = step[round];
  if (own === undefined || own === null) return undefined;
  const text = round === 'ofUser' ? `workspace_id = :workspace and (${own})` : `(${own})`;
  const values: string[] = [];
  const numbers = new Map<string, number>();
  const sql = text.replace(/:(workspace|user)\b/g, (_all, name: string) => {
    const value = name === 'user' ? whom.userId : whom.workspaceId;
    if (value === null) throw new Error(`the ${round} of ${step.table} needs a user`);
    const at = numbers.get(name) ?? values.push(value);
    numbers.set(name, at);
    return `$${at}::uuid`;
  });
  return { sql, values };
};
