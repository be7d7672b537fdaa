import { countFaults, type Proof } from '../harness/proof.ts';
import { inParallel } from '../harness/pool.ts';
import { unreachable } from '../api/place.ts';
import { routesServed } from '../platform/served.ts';
import { layAmbush } from './ambush.ts';
import { internalCalls, publicCall, type KeyedCall } from './idempotency/keyed.calls.ts';
import { repeatChange } from './idempotency/repeats.ts';
import { racing, unkeyed, unkeyedInside, unmade } from './idempotency/reviewed.ts';
import {
  afterFailure,
  another,
  atOnce,
  recalled,
  twice,
  unheard,
  type Trial,
  type Unknown,
} from './idempotency/trials.ts';

const MOST_TRIES = 40;
const AT_ONCE = 3;

/** Every mutating operation of every service: sent twice, 50 at once, with another body, after failures and crashes. */
export const idempotency: Proof = {
  id: 'R22',
  title: 'idempotency matrix',
  gate: '0 operations uncovered, effects beyond one, answers that differ',
  async run(context) {
    const { platform, world } = context;
    const faults: string[] = [];
    const mutating = (await world.operations()).filter(({ mutates }) => mutates);
    const calls: KeyedCall[] = [];
    const changes = mutating.filter(({ method }) => method !== 'POST');
    let [requests, reviewed] = [0, 0];
    for (const operation of mutating.filter(({ method }) => method === 'POST')) {
      const { id, keyed, permission } = operation;
      const missing = unreachable(operation);
      if (keyed && missing.length > 0) faults.push(`${id}: nothing makes ${missing.join(', ')}`);
      else if (keyed && !(id in unmade)) calls.push(publicCall(operation));
      // Nobody is known on a public operation, so there is nobody to keep a key for.
      else if (permission === 'public' || id in unmade || (!keyed && id in unkeyed)) reviewed += 1;
      else faults.push(`${id} takes no Idempotency-Key, and prove/faults/idempotency/reviewed.ts has no reason for it`);
    }
    for (const { method, path } of await routesServed(platform)) {
      if (method === 'GET' || !path.startsWith('/internal')) continue;
      const call = internalCalls[path];
      if (call) calls.push(call);
      else if (path in unkeyedInside) reviewed += 1;
      else faults.push(`${method} ${path} is not in prove/faults/idempotency/keyed.calls.ts`);
    }
    const schemas = new Map(platform.definitions.map(({ name, schema }) => [name, schema ?? '']));
    const logs = await platform.database.query<{ schema: string }>(
      `select schemaname as schema from pg_tables where tablename = 'audit_log'`,
    );
    const inside = Object.values(internalCalls);
    const ambush = layAmbush(platform);
    const unknowns: { trial: Trial; unknown: Unknown }[] = [];
    const trials = calls.map((call): Trial => {
      const schema = schemas.get(call.service) ?? '';
      return {
        ...{ call, schema, context, ambush },
        // What services ask of each other is on record where it began.
        audited: logs.some((log) => log.schema === schema) && !inside.includes(call),
        fault: (text) => void faults.push(`${call.id}: ${text}`),
        sent: (count) => void (requests += count),
      };
    });
    const guarded = async (trial: Trial, work: () => Promise<void>): Promise<void> => {
      await work().catch((error: unknown) => trial.fault(`could not be tried: ${String(error)}`));
    };
    /** What must catch something running may come too late, on a busy machine more often than not; then it is tried anew. */
    const steady = async <T>(trial: Trial, step: (trial: Trial) => Promise<T>): Promise<T> => {
      for (let tries = 1; ; tries += 1) {
        const found: string[] = [];
        const result = await step({ ...trial, fault: (text) => void found.push(text) });
        const late = trial.call.id in racing && found.some((text) => text.includes('run.ended'));
        if (late && tries < MOST_TRIES) continue;
        found.forEach(trial.fault);
        return result;
      }
    };
    try {
      await inParallel(trials, AT_ONCE, (trial) =>
        guarded(trial, async () => {
          const rows = await steady(trial, twice);
          await steady(trial, (one) => atOnce(one, rows));
          await steady(trial, (one) => afterFailure(one, rows));
          await steady(trial, another);
          unknowns.push({ trial, unknown: await steady(trial, (one) => unheard(one, rows)) });
        }),
      );
      context.say(`${trials.length} operations with keys; every service starts again`);
      for (const { name } of platform.definitions) await platform.restart(name);
      await inParallel(unknowns, AT_ONCE, ({ trial, unknown }) => guarded(trial, () => recalled(trial, unknown)));
    } finally {
      ambush.lift();
    }
    await inParallel(changes, AT_ONCE, async (operation) => {
      requests += 2;
      const problem = await repeatChange(context, operation, schemas.get(operation.service) ?? '').catch(String);
      if (problem) faults.push(`${operation.id}: ${problem}`);
    });
    return countFaults(
      faults,
      `${trials.length} operations with keys, ${changes.length} changes repeated, ${reviewed} without keys for a reason, ${requests} requests`,
    );
  },
};
