import { comparison } from '../../harness/comparison.ts';
import { faultIn } from '../../harness/load.ts';
import { cpuOf, faultOf, figureOf, type Round } from '../../harness/rounds.ts';
import type { Comparison, Report } from '../../harness/scenario.ts';
import type { Paced } from './charge.load.ts';

const us = (value: number | undefined): string => (value === undefined ? '–' : `${(value * 1_000).toFixed(0)} µs`);
const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(2)} ms`);

/** A part of a report that both scenarios have. */
export const ledgerReport = (found: {
  scenario: string;
  title: string;
  rounds: readonly Round[];
  peer: Comparison | null;
  floor: string;
  paced: Paced;
  /** Requests per second of the generator against a server that does nothing. */
  generatorAlone: number;
  /** What this scenario alone tells. */
  details?: Report['details'];
  method: readonly string[];
}): Report => {
  const { scenario, title, rounds, peer, paced } = found;
  const fault = faultOf(rounds, 'ours') ?? faultIn(paced);
  return {
    scenario,
    title,
    unit: 'charges/s',
    better: 'higher',
    ours: fault === undefined ? (figureOf(rounds, 'ours') ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer,
    floor: comparison(rounds, 'floor', found.floor, 0.5),
    limits: [
      {
        name: 'p99AtHalfLoad',
        label: 'p99 at half load, open loop, median of three stretches',
        unit: 'ms',
        figure: paced.p99Ms,
        most: 25,
      },
    ],
    details: [
      { label: 'CPU of the service per charge', value: us(cpuOf(rounds, 'ours')) },
      ...['ours', ...(peer ? ['peer'] : []), 'floor'].map((side) => ({
        label: `CPU of Postgres per charge, ${side}`,
        value: us(figureOf(rounds, side, 'postgresMs')),
      })),
      {
        label: 'generator alone ÷ ours',
        value: `${(found.generatorAlone / (figureOf(rounds, 'ours') ?? Number.NaN)).toFixed(1)}× (below 3× it would measure itself)`,
      },
      {
        label: 'latency at full load: p50; p99',
        value: `${ms(figureOf(rounds, 'ours', 'p50Ms'))}; ${ms(figureOf(rounds, 'ours', 'p99Ms'))}`,
      },
      {
        label: 'latency at half load: p50; p99 of the slowest stretch; rate; share of its core that the generator took',
        value: `${ms(paced.p50Ms)}; ${ms(paced.worstP99Ms)}; ${paced.perSecond.toFixed(0)} charges/s; ${(paced.generatorShare * 100).toFixed(0)} %`,
      },
      ...(found.details ?? []),
    ],
    rounds,
    method: [
      'wrk with 32 connections sends POST /internal/charges, each with an access token and an Idempotency-Key of its own.',
      'After every run the postings must sum to zero, and every answered charge must be booked and its key kept exactly once.',
      'Before every run the tables are vacuumed and a checkpoint is made, so that no side pays for what another left.',
      'The service runs with the NODE_OPTIONS of the image.',
      ...found.method,
    ],
  };
};
