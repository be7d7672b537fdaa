import { comparison } from '../../harness/comparison.ts';
import { cpuOf, faultOf, figureOf, type Round } from '../../harness/rounds.ts';
import type { Report } from '../../harness/scenario.ts';
import { versionOf } from '../../harness/version.ts';

const micros = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms * 1_000).toFixed(0)} µs`);

const whole = (figure: number | undefined): string =>
  figure === undefined ? '–' : Math.round(figure).toLocaleString('en');

export const eventsReport = (found: {
  /** Drains of events that lie ready. */
  rounds: readonly Round[];
  /** From the first of many single commits to the last effect. */
  sent: readonly Round[];
  paced: { perSecond: number; p50: number; p99: number; fault: string | undefined };
  count: number;
}): Report => {
  const { rounds, sent, paced, count } = found;
  const fault = faultOf(rounds, 'ours') ?? faultOf(sent, 'ours') ?? paced.fault;
  const batches = comparison(rounds, 'peer', 'pg-boss', null);
  return {
    scenario: 'events',
    title: 'Events: commit → handled, with an effect that happens exactly once',
    unit: 'events/s',
    better: 'higher',
    ours: fault === undefined ? (figureOf(rounds, 'ours') ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer: comparison(sent, 'peer', `pg-boss ${versionOf('pg-boss')} send → complete`, 1.5),
    floor: comparison(rounds, 'floor', `bare BullMQ ${versionOf('bullmq')} drain`, 0.6),
    limits: [],
    details: [
      {
        label: 'one commit an event, first commit → last effect: ours; pg-boss send() → complete',
        value: `${whole(figureOf(sent, 'ours'))}; ${whole(figureOf(sent, 'peer'))} events/s`,
      },
      {
        label: 'drain of a backlog in batches of 500, pg-boss; ours ÷ it',
        value: `${whole(batches.figure ?? undefined)} events/s; ${batches.ratio?.toFixed(2) ?? '–'}×`,
      },
      ...['ours', 'peer', 'floor'].map((side) => ({
        label: `CPU per event, ${side} (own process; Postgres and Redis)`,
        value: `${micros(cpuOf(rounds, side))}; ${micros(figureOf(rounds, side, 'serversCpuMs'))}`,
      })),
      { label: 'ours at 500 events/s: rate reached', value: `${paced.perSecond.toFixed(0)} events/s` },
      { label: 'ours at 500 events/s: commit → handled p50 (aim 8 ms)', value: `${paced.p50.toFixed(1)} ms` },
      { label: 'ours at 500 events/s: commit → handled p99 (aim 40 ms)', value: `${paced.p99.toFixed(1)} ms` },
    ],
    rounds: [...rounds, ...sent],
    method: [
      `Against the floor: ${count} events of 50 workspaces lie ready; the time runs until all are handled and closed.`,
      'Ours: outbox → relay → BullMQ → consumer with inbox and row-level security → acknowledgement → delivery deleted.',
      `Against the peer: ${count / 2} events, ten at a time, each in a commit of its own: ours in a transaction with its outbox row, pg-boss by send(); workers run meanwhile.`,
      'pg-boss: work() with batches of 500, four workers, burstWhenBatchFull and transactional: the row and the completion commit together.',
      'The floor is BullMQ alone: the same events as jobs, concurrency 100, and the job does nothing. It gives no effect.',
      'Ours and pg-boss run the same insert for each event; afterwards every event must have exactly one row, ours in the order of its key.',
      'Postgres with fsync and synchronous commit, Redis with an append-only file synced every second.',
      'At 500 events/s the commits are made by the measured process itself, each at its own time (open loop).',
    ],
  };
};
