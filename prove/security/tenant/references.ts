import { bodyFor, queryFor } from '../../api/bodies.ts';
import { referred } from '../../api/makers.ts';
import type { Operation } from '../../api/operations.ts';
import { doorsOf, fill, makeIds } from '../../api/place.ts';
import { notReferences } from '../../api/reviewed.ts';
import { formsOf, isId } from '../../api/schema.ts';
import { send } from '../../platform/http.ts';
import type { Attack } from './attack.ts';

const MARK = /canary-[\da-f]{12}|[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/g;
/** The ids and canaries in a text. */
export const marksIn = (text: string): Set<string> => new Set(text.match(MARK));

const marksOf = async (
  { platform }: Pick<Attack, 'platform'>,
  workspaceId: string,
  withAudit: boolean,
): Promise<Set<string>> => {
  const marks = new Set<string>();
  const tables = await platform.database.query<{ schema: string; table: string }>(
    `select table_schema as schema, table_name as "table" from information_schema.columns
     where column_name = 'workspace_id' group by 1, 2`,
  );
  for (const { schema, table } of tables) {
    if (!withAudit && table.startsWith('audit')) continue;
    const rows = await platform.database.query<{ row: string }>(
      `select t::text as row from ${schema}.${table} t where workspace_id = $1`,
      [workspaceId],
    );
    for (const { row } of rows) for (const mark of marksIn(row)) marks.add(mark);
  }
  return marks;
};

/** What the attacked workspace has. */
export interface Theirs {
  /** By which its things can be recognised. */
  readonly marks: ReadonlySet<string>;
  /** Ids of its things, by the property or parameter that may name them. */
  readonly references: ReadonlyMap<string, string>;
}

/** Makes one thing of each kind that something can refer to. */
export const makeReferences = async ({
  house,
  platform,
}: Pick<Attack, 'platform' | 'house'>): Promise<Map<string, string>> => {
  const references = new Map<string, string>();
  for (const [name, maker] of Object.entries(referred)) references.set(name, await maker(house.owner, platform, {}));
  return references;
};

/** Everything by which the attacked workspace's things can be recognised, and nobody else's. */
export const readMarks = async (attack: Pick<Attack, 'platform' | 'house' | 'stranger'>): Promise<Set<string>> => {
  const theirs = await marksOf(attack, attack.house.owner.workspaceId, false);
  // The log of an attacker tells them what they themselves have sent.
  const own = await marksOf(attack, attack.stranger.workspaceId, true);
  return new Set([...theirs].filter((mark) => !own.has(mark) && !shared(mark)));
};

/** What people of both workspaces may see. */
const shared = (id: string): boolean => id.startsWith('00000000-');

/** The attacked workspace's cursor of a list, so that it is a real one. */
const cursorOf = async ({ house }: Attack, path: string): Promise<string | undefined> => {
  const { json } = await house.owner.call('GET', `${path.replace(/^\/api\/v1/, '')}?limit=1`);
  return (json['page'] as { nextCursor?: string | null } | undefined)?.nextCursor ?? undefined;
};

/** Lists, filters, cursors and ids in bodies: nothing of the attacked workspace may come back, and nothing be taken. */
export const attackReferences = async (
  attack: Attack,
  operation: Operation,
  { marks, references }: Theirs,
): Promise<void> => {
  const { platform, stranger, fault, sent, world } = attack;
  const { id, method } = operation;
  const search = async (path: string, body: unknown, token: string, allowed: readonly number[]): Promise<void> => {
    for (const { door, host } of doorsOf(operation, platform)) {
      sent();
      const answer = await send(`${host}${path}`, { method, body, token });
      const asked = `${path} ${JSON.stringify(body) ?? ''}`;
      const leaked = [...marksIn(answer.text)].filter((mark) => marks.has(mark) && !asked.includes(mark));
      if (leaked.length > 0)
        fault(`${id} at the ${door} gave away ${leaked.slice(0, 3).join(', ')}: ${asked.slice(0, 160)}`);
      if (!allowed.includes(answer.status)) fault(`${id} at the ${door}: ${answer.status} for ${asked.slice(0, 160)}`);
    }
  };
  const idsOf = () => makeIds(operation, stranger, platform);
  if (method === 'GET') {
    const path = fill(operation, await idsOf(), queryFor(operation));
    await search(path, undefined, stranger.token, [200, 404]);
    for (const [name, schema] of Object.entries(operation.query)) {
      const theirs =
        name === 'cursor' ? await cursorOf(attack, operation.path) : isId(schema) ? references.get(name) : undefined;
      if (isId(schema) && theirs === undefined) fault(`${id}: nothing makes ${name}; add it to prove/api/makers.ts`);
      if (theirs === undefined) continue;
      await search(
        fill(operation, await idsOf(), { ...queryFor(operation), [name]: theirs }),
        undefined,
        stranger.token,
        [200, 404, 422],
      );
    }
    return;
  }
  const properties = operation.body
    ? formsOf(operation.body).flatMap((form) => Object.entries(form.properties ?? {}))
    : [];
  for (const [name, schema] of properties) {
    if (!isId(schema) || `${id}.${name}` in notReferences) continue;
    const theirs = references.get(name);
    if (theirs === undefined) fault(`${id}: nothing makes ${name}; add it to prove/api/makers.ts`);
    else {
      const attacker = operation.params.length > 0 ? stranger : await world.newcomer();
      const body = { ...((await bodyFor(operation, attacker, platform)) as object), [name]: theirs };
      const path = fill(operation, await makeIds(operation, attacker, platform));
      await search(path, body, attacker.token, [404, 422]);
    }
  }
};
