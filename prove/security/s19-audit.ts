import { verifyAudit } from '@atrium/service-kit';
import { bodyFor, queryFor } from '../api/bodies.ts';
import type { Operation } from '../api/operations.ts';
import { fill, makeIds } from '../api/place.ts';
import { unaudited } from '../api/reviewed.ts';
import { inParallel } from '../harness/pool.ts';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { send, type Answer } from '../platform/http.ts';
import { must } from '../platform/people.ts';
import { tamper } from './audit/tamper.ts';

interface Row {
  readonly operation: string;
  readonly outcome: string;
  readonly user_id: string | null;
  readonly ip: string | null;
  readonly at: Date;
  readonly details: unknown;
}

const schemasOf = ({ platform }: ProofContext): string[] => platform.definitions.flatMap(({ schema }) => schema ?? []);

/** The records of one request, in the logs of all services. */
const recordsOf = async (context: ProofContext, requestId: string): Promise<Row[]> => {
  const rows: Row[] = [];
  for (const schema of schemasOf(context)) {
    const [found] = await context.platform.database.query<{ there: string | null }>(
      `select to_regclass($1)::text as there`,
      [`${schema}.audit_log`],
    );
    if (!found?.there) continue;
    rows.push(
      ...(await context.platform.database.query<Row & Record<string, unknown>>(
        `select operation, outcome, user_id, host(ip) as ip, at, details from ${schema}.audit_log where request_id = $1`,
        [requestId],
      )),
    );
  }
  return rows;
};

/** Services that keep no log at all. */
const withoutLog = async ({ platform }: ProofContext): Promise<string[]> => {
  const rows = await platform.database.query<{ schema: string }>(
    `select schemaname as schema from pg_tables where tablename = 'audit_log'`,
  );
  return platform.definitions.flatMap(({ name, schema }) =>
    schema && !rows.some((row) => row.schema === schema) ? [name] : [],
  );
};

const outcomeOf = ({ status }: Answer): string => {
  if (status < 400) return 'ok';
  return [401, 403, 429].includes(status) ? 'denied' : 'failed';
};

const complete = ({ operation, ip, at }: Row): boolean => operation !== '' && ip !== null && at.getTime() > 0;

/** What was done, and what was refused, is on record once; and nobody can take it off the record. */
export const audit: Proof = {
  id: 'S19',
  title: 'audit coverage and tampering',
  gate: '0 operations without exactly one record, 0 changes unnoticed',
  async run(context) {
    const { platform, world } = context;
    const [house, operations] = [await world.house(), await world.operations()];
    const logless = await withoutLog(context);
    const mutating = operations.filter(({ mutates, id }) => mutates && !(id in unaudited));
    const faults = logless.map((service) => `${service} keeps no audit log`);
    let requests = 0;
    const check = async (
      operation: Operation,
      who: string,
      token: string | undefined,
      path: string,
      body: unknown,
      user?: string,
    ): Promise<void> => {
      const requestId = `prove-${crypto.randomUUID()}`;
      requests += 1;
      const headers = { 'x-request-id': requestId };
      const answer = await send(platform.gateway + path, { method: operation.method, token, body, headers });
      const rows = await recordsOf(context, requestId);
      const [row] = rows;
      if (rows.length !== 1)
        faults.push(
          `${operation.id} (${operation.service}) by ${who}, answered ${answer.status}, left ${rows.length} records`,
        );
      else if (row && !complete(row))
        faults.push(`${operation.id} by ${who}: the record lacks who, what, where or when`);
      else if (row && row.operation !== operation.id)
        faults.push(`${operation.id} by ${who} is called ${row.operation}`);
      else if (row && row.outcome !== outcomeOf(answer))
        faults.push(`${operation.id} by ${who}, answered ${answer.status}, is recorded as ${row.outcome}`);
      else if (row && user !== undefined && row.user_id !== user)
        faults.push(`${operation.id} by ${who} is recorded for ${String(row.user_id)}`);
      const secrets = JSON.stringify(row?.details ?? {}).match(/pass phrase|eyJ[\w-]+\.|refreshToken/);
      if (secrets) faults.push(`${operation.id}: the record holds ${secrets[0]}`);
    };
    await inParallel(mutating, 5, async (operation) => {
      const person = await world.newcomer();
      const ids = await makeIds(operation, person, platform);
      const path = fill(operation, ids, queryFor(operation));
      const isPublic = operation.permission === 'public';
      await check(
        operation,
        'somebody',
        isPublic ? undefined : person.token,
        path,
        await bodyFor(operation, person, platform),
        isPublic ? undefined : person.id,
      );
    });
    // What is refused by role is recorded too, reading included.
    for (const operation of operations.filter(({ permission }) =>
      ['user:read', 'ops:read', 'audit:read', 'agent:write', 'user:write'].includes(permission),
    ))
      if (operation.params.length === 0)
        await check(operation, 'a viewer', house.viewer.token, fill(operation, {}), undefined, house.viewer.id);

    const nasty = 'line\r\nbreak \u001b[31mred\u001b[0m {"operation":"made-up"} \u2028 \u0000';
    const before = await context.world.newcomer();
    must(
      await before.call('POST', '/auth/logout', undefined, {
        headers: { 'user-agent': encodeURIComponent(nasty), 'x-request-id': 'evil id with spaces' },
      }),
      'logging out',
    );
    const keeper = await world.newcomer();
    // A chain of some length in each service, so that there is something to change in every way.
    for (const { name, schema } of platform.definitions)
      for (let record = 0; schema && record < 4; record += 1)
        await keeper.call('POST', `/ops/${name}/dead-letters/${crypto.randomUUID()}/nobody/replay`);
    faults.push(...(await tamper(platform, schemasOf(context))));
    const { adminUrl } = platform.database;
    const { breaks, records } = await verifyAudit({ adminUrl, schemas: schemasOf(context) });
    for (const { schema, sequence, problem } of breaks)
      faults.push(`${schema}: the chain is ${problem} at ${sequence}`);
    return countFaults(
      faults,
      `${mutating.length} mutating operations, ${requests} requests, ${records} records in the whole chains of ${schemasOf(context).length} services`,
    );
  },
};
