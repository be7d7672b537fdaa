import { ErasureRequested, erasureReports, type ErasureReport, type ServiceName } from '@atrium/contracts';
import { z } from 'zod';
import { outsideWorkspaces, type Tenant } from '../data/tenant.ts';
import { transactional, type DataRuntime } from '../data/transactional.ts';
import { subscriber, type Subscriber } from '../events/subscriber.ts';
import { defineJob, jobHandler, type JobAttempt, type JobHandler } from '../jobs/job.ts';
import type { Logger } from '../observability/log.ts';
import { conditionOf, kitSteps, type ErasureRound, type ErasureStep } from './erasure.plan.ts';
import { createErasureStore, ERASE_AT_ONCE, noteErased, type ErasureRequest } from './erasure.store.ts';

/** What has to happen outside the database before rows of a table are deleted, such as removing their files. */
export interface ErasureEffect {
  /** What `run` needs of the rows. */
  readonly columns: readonly string[];
  /** Safe to repeat: after a crash the same rows come again. @returns what to count, by kind */
  run(
    rows: readonly Record<string, unknown>[],
    tenant: Tenant,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, number>>>;
}

/** What a service does when a person or a workspace is erased. */
export interface ErasureSpec<Features> {
  /** In this order, so that what others point to comes last; every table of the schema is named. */
  readonly steps: readonly ErasureStep[];
  /** By table. */
  effects?(features: Features): Readonly<Record<string, ErasureEffect>>;
}

/** Recalled tokens are refused everywhere by then, so nobody adds to what is being erased. */
const WAIT_MS = 2_000;
/** Rounds over everything until nothing is found any more. */
const MOST_SWEEPS = 10;

/** It is tried until it is done: an outage delays an erasure and never ends it. */
const eraseJob = defineJob('erasure.work', z.object({ erasureId: z.uuid() }), {
  maxAttempts: 100_000,
  concurrency: 1,
  deadlineMs: 600_000,
});

interface Round {
  readonly kind: ErasureRound;
  readonly tenant: Tenant;
}

const roundsOf = ({ workspaces, shared, userId }: ErasureRequest): Round[] => [
  ...workspaces.map((workspaceId) => ({ kind: 'ofWorkspace' as const, tenant: { workspaceId } })),
  ...(userId === null
    ? []
    : [
        ...shared.map((workspaceId) => ({ kind: 'ofUser' as const, tenant: { workspaceId, userId } })),
        { kind: 'ofPerson' as const, tenant: outsideWorkspaces(userId) },
      ]),
];

/**
 * The part of a service in erasures: it hears of them, erases as a durable job in small transactions, and reports.
 * What a transaction removes it also counts, so an attempt that ends half way loses and doubles nothing.
 */
export const createErasure = (parts: {
  service: ServiceName;
  runtime: DataRuntime;
  steps: readonly ErasureStep[];
  effects: Readonly<Record<string, ErasureEffect>>;
  log: Logger;
  waitMs?: number;
}): { subscriber: Subscriber; job: JobHandler } => {
  const { service, runtime, effects, log, waitMs = WAIT_MS } = parts;
  const steps = [...parts.steps, ...kitSteps];
  const reports = erasureReports[service];
  const units = transactional(runtime, (unit) => unit);
  const nowhere = outsideWorkspaces();

  const conditionIn = (step: ErasureStep, { kind, tenant }: Round) =>
    conditionOf(step, kind, { workspaceId: tenant.workspaceId, userId: tenant.userId ?? null });

  /** Changes all rows of a step in a round, some at a time. @returns how many */
  const carryOut = async (erasureId: string, step: ErasureStep, round: Round, signal: AbortSignal): Promise<number> => {
    const condition = conditionIn(step, round);
    if (!condition) return 0;
    const effect = step.act === 'erase' ? effects[step.table] : undefined;
    const changeSome = async (): Promise<number> => {
      if (!effect)
        return units.run(round.tenant, async ({ manager }) => {
          const count = await createErasureStore(manager).change(step, condition);
          await noteErased(manager, erasureId, step.kind, count);
          return count;
        });
      const rows = await units.read(round.tenant, ({ manager }) =>
        createErasureStore(manager).pick(step, condition, effect.columns),
      );
      if (rows.length === 0) return 0;
      const extra = await effect.run(rows, round.tenant, signal);
      return units.run(round.tenant, async ({ manager }) => {
        const places = rows.map(({ place }) => place);
        const count = await createErasureStore(manager).change(step, condition, places);
        await noteErased(manager, erasureId, step.kind, count);
        for (const [kind, number] of Object.entries(extra)) await noteErased(manager, erasureId, kind, number);
        return rows.length;
      });
    };
    let total = 0;
    for (;;) {
      signal.throwIfAborted();
      const changed = await changeSome();
      total += changed;
      if (changed < ERASE_AT_ONCE) return total;
    }
  };

  const retainedIn = async (rounds: readonly Round[]): Promise<ErasureReport['retained']> => {
    const kept = new Map<string, ErasureReport['retained'][number]>();
    for (const round of rounds)
      for (const step of steps.filter(({ act }) => act === 'retain')) {
        const condition = conditionIn(step, round);
        if (!condition) continue;
        const count = await units.read(round.tenant, ({ manager }) =>
          createErasureStore(manager).count(step, condition),
        );
        const { kind, reason = '' } = step;
        if (count > 0) kept.set(kind, { kind, reason, count: count + (kept.get(kind)?.count ?? 0) });
      }
    return [...kept.values()];
  };

  const work = async ({ payload: { erasureId }, signal, progress }: JobAttempt<{ erasureId: string }>) => {
    const known = await units.run(nowhere, ({ manager }) => createErasureStore(manager).find(erasureId));
    if (!known) return;
    const rounds = roundsOf(known.request);
    const todo = steps.filter(({ act }) => act === 'erase' || act === 'release');
    let told = -1;
    const tell = async (done: number): Promise<void> => {
      const percent = Math.min(99, Math.floor((100 * done) / (rounds.length * todo.length)));
      await progress(percent, 'erasing');
      if (percent < told + 25 && told >= 0) return;
      told = percent;
      await units.run(nowhere, ({ outbox }) => outbox.add(reports.progressed, erasureId, { erasureId, percent }));
    };
    const sweep = async (first: boolean): Promise<number> => {
      let [changed, done] = [0, 0];
      for (const round of rounds)
        for (const step of todo) {
          if (first) await tell(done);
          changed += await carryOut(erasureId, step, round, signal);
          done += 1;
        }
      return changed;
    };
    for (let sweeps = 1; (await sweep(sweeps === 1)) > 0; sweeps += 1)
      if (sweeps === MOST_SWEEPS) throw new Error('something goes on writing what is being erased');
    const retained = await retainedIn(rounds);
    await units.run(nowhere, async ({ manager, outbox }) => {
      const store = createErasureStore(manager);
      const still = await store.find(erasureId);
      if (!still) return;
      await store.complete(erasureId);
      await outbox.add(reports.completed, erasureId, {
        erasureId,
        startedAt: still.startedAt.toISOString(),
        completedAt: new Date().toISOString(),
        erased: await store.counts(erasureId),
        retained,
      });
    });
    log.info({ erasureId }, 'an erasure is done here');
  };

  return {
    subscriber: subscriber(ErasureRequested, async ({ manager, jobs }, { data }) => {
      if (!(await createErasureStore(manager).begin(data))) return;
      const { erasureId } = data;
      await jobs.add(eraseJob, { erasureId }, { key: erasureId, runAt: new Date(Date.now() + waitMs) });
    }),
    job: jobHandler(eraseJob, {
      work,
      givenUp: async (_unit, { erasureId }) => {
        log.error({ erasureId }, 'an erasure was given up; set its job back to queued to go on');
      },
    }),
  };
};
