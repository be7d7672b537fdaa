/** How a proof reaches billing: over HTTP as agent-orchestrator does, and past it into the database to count. */
export interface BankDoor {
  /** Opens a workspace with its welcome credit. @returns its id and a token that may spend of it */
  open(): Promise<{ workspaceId: string; token: string }>;
  /** @returns undefined when no answer came, so that nobody knows what happened */
  post(token: string, path: string, body: unknown, key: string, abortMs?: number): Promise<BankAnswer | undefined>;
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  readonly credit: number;
}

export interface BankAnswer {
  readonly status: number;
  readonly text: string;
}

/** One line of a proof, as `./atrium prove --json` prints it. */
export interface ProofResult {
  readonly test: string;
  readonly figure: number;
  readonly gate: string;
  readonly pass: boolean;
  readonly seed: number;
  readonly details: Readonly<Record<string, number>>;
  /** What was not as it should be, in words. */
  readonly seen?: readonly string[];
}

/** mulberry32: the same seed draws the same numbers. */
export const seeded = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Calls billing at an address. */
export const postTo =
  (url: string): BankDoor['post'] =>
  async (token, path, body, key, abortMs) => {
    try {
      const answer = await fetch(`${url}/internal/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(abortMs === undefined ? {} : { signal: AbortSignal.timeout(abortMs) }),
      });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return undefined;
    }
  };

/** Counts what can be wrong with the books of all workspaces; every figure should be zero. */
export const anomaliesOf = async (door: BankDoor): Promise<Record<string, number>> => {
  const [row] = await door.query<Record<string, string>>(`
    with running as (
      select a.kind, sum(p.amount) over (partition by p.account_id order by e.seq) as balance
      from billing.postings p join billing.entries e on e.id = p.entry_id join billing.accounts a on a.id = p.account_id
    ) select
      (select abs(coalesce(sum(amount), 0)) from billing.postings) as "sum",
      (select count(*) from (select 1 from billing.postings group by entry_id having sum(amount) <> 0) x) as "unbalanced",
      (select count(*) from running where kind in ('wallet', 'held', 'spent') and balance < 0) as "belowFloor",
      (select count(*) from billing.accounts a where balance <>
        (select coalesce(sum(amount), 0) from billing.postings p where p.account_id = a.id)) as "drift",
      (select count(*) from billing.accounts a where kind = 'held' and balance <> (select coalesce(sum(remaining), 0)
        from billing.holds h where h.workspace_id = a.workspace_id and h.status = 'open')) as "heldDrift",
      (select count(*) from (select 1 from billing.entries group by workspace_id having count(*) <> max(seq)) x) as "gaps"`);
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
};
