import { bodyFor } from '../api/bodies.ts';
import { doorsOf, fill, makeIds, unreachable } from '../api/place.ts';
import { formsOf, type Schema } from '../api/schema.ts';
import { inParallel } from '../harness/pool.ts';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import type { Operation } from '../api/operations.ts';
import { send } from '../platform/http.ts';
import type { Person } from '../platform/people.ts';
import { strayFields } from './fields/stray.ts';

/** What a body must not smuggle in; names that a schema declares are left out there. */
const SMUGGLED = [
  ...['id', 'workspaceId', 'workspace_id', 'tenantId', 'tenant_id', 'userId', 'user_id', 'ownerId', 'role', 'roles'],
  ...['admin', 'isAdmin', 'permissions', 'scope', 'balance', 'amount', 'credit', 'status', 'state', 'disabled'],
  ...[
    'emailVerified',
    'emailVerifiedAt',
    'createdAt',
    'created_at',
    'updatedAt',
    'deletedAt',
    'version',
    'passwordHash',
  ],
  ...['__proto__', 'constructor', 'prototype', '$where', ''],
];
const POLLUTION = '{"polluted":"yes","isAdmin":true,"role":"owner"}';
const AT_ONCE = 6;
/** Who may do these may end their own session by them. */
const ENDING = /^(session|password|membership|user|member):write|^public$/;

const namesIn = (schema: Schema): Set<string> =>
  new Set(formsOf(schema).flatMap((form) => Object.keys(form.properties ?? {})));

/** JSON text with one more property; as text, since objects cannot hold `__proto__`. */
const withField = (body: unknown, name: string): string => {
  const text = JSON.stringify(body ?? {});
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}${JSON.stringify(name)}:${POLLUTION}}`;
};

/** Every place in a body where an object is. */
const places = (body: unknown, schema: Schema): { wrap(inner: string): string; object: unknown; schema: Schema }[] => {
  const inner = Object.entries((body ?? {}) as Record<string, unknown>).flatMap(([name, value]) => {
    const own = formsOf(schema).find((form) => form.properties?.[name])?.properties?.[name];
    if (!own || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return places(value, own).map((place) => ({
      ...place,
      wrap: (text: string) =>
        JSON.stringify({ ...(body as object), [name]: '@' }).replace('"@"', () => place.wrap(text)),
    }));
  });
  return [{ wrap: (text) => text, object: body, schema }, ...inner];
};

const injectInto = async (
  { platform }: ProofContext,
  operation: Operation,
  person: Person,
  fault: (text: string) => void,
): Promise<number> => {
  if (!operation.body) return 0;
  const body = await bodyFor(operation, person, platform);
  const path = fill(operation, await makeIds(operation, person, platform));
  let sent = 0;
  for (const { wrap, object, schema } of places(body, operation.body))
    for (const name of SMUGGLED.filter((one) => !namesIn(schema).has(one))) {
      const { host } = doorsOf(operation, platform)[sent % 2] ?? { host: platform.gateway };
      sent += 1;
      const answer = await send(host + path, {
        method: operation.method,
        token: person.token,
        body: wrap(withField(object, name)),
      });
      if (answer.status < 400) fault(`${operation.id} takes "${name}" (${answer.status})`);
      else if (answer.status >= 500) fault(`${operation.id} answers ${answer.status} to "${name}"`);
      if ('polluted' in {}) return (fault(`${operation.id}: "${name}" polluted the prototype of all objects`), sent);
    }
  return sent;
};

/** Fields that nobody declared go neither in nor out. */
export const fields: Proof = {
  id: 'S3',
  title: 'mass assignment, leaks, pollution',
  gate: '0 undeclared fields taken or given out',
  async run(context) {
    const operations = await context.world.operations();
    const faults: string[] = [];
    const fault = (text: string): void => void faults.push(text);
    const person = await context.world.newcomer();
    let sent = 0;
    await inParallel(operations, AT_ONCE, async (operation) => {
      const count = await injectInto(context, operation, person, fault);
      sent += count;
    });
    let answers = 0;
    await inParallel(operations, AT_ONCE, async (operation) => {
      if (!operation.response || unreachable(operation).length > 0) return;
      const own = ENDING.test(operation.permission) ? await context.world.newcomer() : person;
      const path = fill(
        operation,
        await makeIds(operation, own, context.platform),
        'query' in operation.query ? { query: 'canary' } : {},
      );
      const body = await bodyFor(operation, own, context.platform);
      const answer = await send(context.platform.gateway + path, {
        method: operation.method,
        token: own.token,
        body,
      });
      if (answer.status >= 300) return;
      answers += 1;
      for (const stray of strayFields(answer.json, operation.response)) fault(`${operation.id} gives out ${stray}`);
    });
    return countFaults(faults, `${sent} smuggled fields, ${answers} answers compared with their schemas`);
  },
};
