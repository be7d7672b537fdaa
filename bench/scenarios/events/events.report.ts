import { comparison } from '../../harness/comparison.ts';
import { cpuOf, faultOf, figureOf, type Round } from '../../harness/rounds.ts';
import type { Report } from '../../harness/scenario.ts';
import { versionOf } from '../../harness/version.ts';

const micros = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms * 1_000).toFixed(0)} µs`);

export const eventsReport = (found: {
  rounds: readonly Round[];
  paced: { perSecond: number; p50: number; p99: number; fault: string | undefined };
  count: number;
}): Report => {
  const { rounds, paced, count } = found;
  const fault = faultOf(rounds, 'ours') ?? paced.fault;
  return {
    scenario: 'events',
    title: 'Events: commit → handled, with an effect that happens exactly once',
    unit: 'events/s',
    better: 'higher',
    ours: fault === undefined ? (figureOf(rounds, 'ours') ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer: comparison(rounds, 'peer', `pg-boss ${versionOf('pg-boss')}`, 1.5),
    floor: comparison(rounds, 'floor', `bare BullMQ ${versionOf('bullmq')} drain`, 0.6),
    limits: [],
    details: [
      ...['ours', 'peer', 'floor'].map((side) => ({
        label: `CPU per event, ${side} (own process; Postgres and Redis)`,
        value: `${micros(cpuOf(rounds, side))}; ${micros(figureOf(rounds, side, 'serversCpuMs'))}`,
      })),
      { label: 'ours at 500 events/s: rate reached', value: `${paced.perSecond.toFixed(0)} events/s` },
      { label: 'ours at 500 events/s: commit → handled p50 (aim 8 ms)', value: `${paced.p50.toFixed(1)} ms` },
      { label: 'ours at 500 events/s: commit → handled p99 (aim 40 ms)', value: `${paced.p99.toFixed(1)} ms` },
    ],
    rounds,
    method: [
      `${count} events of 50 workspaces lie ready; the time runs until all are handled and closed.`,
      'Ours: outbox → relay → BullMQ → consumer with inbox and row-level security → acknowledgement → delivery deleted.',
      'pg-boss: insert() beforehand, then work() with batches of 500, four workers, burstWhenBatchFull and transactional: the row and the completion commit together.',
      'The floor is BullMQ alone: the same events as jobs, concurrency 100, and the job does nothing. It gives no effect.',
      'Ours and pg-boss run the same insert for each event; afterwards every event must have exactly one row, ours in the order of its key.',
      'Postgres with fsync and synchronous commit, Redis with an append-only file synced every second.',
      'At 500 events/s the commits are made by the measured process itself, each at its own time (open loop).',
    ],
  };
};
