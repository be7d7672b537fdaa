import { comparison, unavailable } from '../../harness/comparison.ts';
import { cpuOf, faultOf, figureOf, type Round } from '../../harness/rounds.ts';
import type { Report } from '../../harness/scenario.ts';
import { versionOf } from '../../harness/version.ts';
import { NGINX_VERSION } from '../../infra/nginx.ts';

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(2)} ms`);

/** A generator that is not much faster than a side measures itself. */
const headroom = (rounds: readonly Round[], side: string, alone: number): string => {
  const figure = figureOf(rounds, side);
  if (figure === undefined) return '–';
  const times = alone / figure;
  return `${times.toFixed(1)}×${times < 3 ? ' (less than 3×: this side is held back by the generator)' : ''}`;
};

export const gatewayReport = (found: {
  rounds: readonly Round[];
  /** Requests per second of the generator and the upstream without anything between them. */
  alone: number;
  /** Why there is no nginx. */
  nginxFault: string | undefined;
}): Report => {
  const { rounds, alone, nginxFault } = found;
  const fault = faultOf(rounds, 'ours');
  const sides = ['ours', 'peer', ...(nginxFault === undefined ? ['floor'] : [])];
  const floorName = `nginx ${NGINX_VERSION} without a check`;
  return {
    scenario: 'gateway',
    title: 'Gateway: token-checked proxying of a small JSON page',
    unit: 'requests/s',
    better: 'higher',
    ours: fault === undefined ? (figureOf(rounds, 'ours') ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer: comparison(
      rounds,
      'peer',
      `fast-gateway ${versionOf('fast-gateway')} with fast-proxy-lite ${versionOf('fast-proxy-lite', 'fast-gateway')}`,
      1.2,
    ),
    floor:
      nginxFault === undefined
        ? comparison(rounds, 'floor', floorName, 0.35)
        : unavailable(floorName, 0.35, nginxFault),
    limits: [],
    details: sides.flatMap((side) => [
      { label: `CPU per request, ${side}`, value: `${((cpuOf(rounds, side) ?? 0) * 1_000).toFixed(0)} µs` },
      {
        label: `latency at full load, ${side}: p50; p99`,
        value: `${ms(figureOf(rounds, side, 'p50Ms'))}; ${ms(figureOf(rounds, side, 'p99Ms'))}`,
      },
      { label: `generator alone ÷ ${side}`, value: headroom(rounds, side, alone) },
    ]),
    rounds,
    method: [
      'wrk with one thread and 32 connections, each sending its next request when it has the last answer (closed loop).',
      'Ours is the whole gateway: token check, rate limit counted in Redis, request ids, security headers, metrics.',
      'fast-gateway has a middleware that checks ES256, issuer and audience with fast-jwt and its cache; nothing else.',
      'Both must refuse a request without a token and one with a forged token; all answers must be 2xx and come from the upstream.',
      'nginx has one worker, kept connections to the same upstream, no log and no check of tokens.',
    ],
  };
};
