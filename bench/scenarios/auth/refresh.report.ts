import { comparison, unavailable } from '../../harness/comparison.ts';
import { cpuOf, faultOf, figureOf, type Round } from '../../harness/rounds.ts';
import type { Report } from '../../harness/scenario.ts';
import { versionOf } from '../../harness/version.ts';
import { PGBENCH_NAME } from '../../infra/pgbench.ts';

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} ms`);
const micros = (value: number | undefined): string => (value === undefined ? '–' : `${(value * 1_000).toFixed(0)} µs`);

export const refreshReport = (found: {
  rounds: readonly Round[];
  /** What is wrong with the chains of tokens afterwards. */
  broken: string | undefined;
  /** Why there is no pgbench. */
  pgbenchFault: string | undefined;
}): Report => {
  const { rounds, broken, pgbenchFault } = found;
  const fault = faultOf(rounds, 'ours') ?? broken;
  const bare = comparison(rounds, 'bare', 'better-auth', null);
  const betterAuth = `better-auth ${versionOf('better-auth')}`;
  return {
    scenario: 'auth-refresh',
    title: 'Auth: refreshing a session',
    unit: 'refreshes/s',
    better: 'higher',
    ours: fault === undefined ? (figureOf(rounds, 'ours') ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer: comparison(rounds, 'peer', `${betterAuth}, session renewed and token signed`, 1.5),
    floor:
      pgbenchFault === undefined
        ? comparison(rounds, 'floor', PGBENCH_NAME, 0.3)
        : unavailable(PGBENCH_NAME, 0.3, pgbenchFault),
    limits: [],
    details: [
      {
        label: `${betterAuth} without access tokens, session renewed only; ours ÷ it`,
        value: `${bare.figure?.toFixed(0) ?? '–'} a second; ${bare.ratio?.toFixed(2) ?? '–'}×`,
      },
      ...['ours', 'peer', 'bare'].flatMap((side) => [
        {
          label: `CPU per refresh, ${side} (own process; Postgres and Redis)`,
          value: `${micros(cpuOf(rounds, side))}; ${micros(figureOf(rounds, side, 'serversCpuMs'))}`,
        },
        {
          label: `latency at full load, ${side}: p50; p99`,
          value: `${ms(figureOf(rounds, side, 'p50Ms'))}; ${ms(figureOf(rounds, side, 'p99Ms'))}`,
        },
      ]),
    ],
    rounds,
    method: [
      '256 sessions, of which eight are refreshed at any time (closed loop), as pgbench has eight clients.',
      'Ours is POST /auth/refresh: the token is spent and replaced, reuse is looked for, role and status are read anew, an access token is signed with ES256. Each refresh spends the token that the one before gave; at the end every session must be open with one token left.',
      'better-auth has no refresh tokens of its own. The nearest it has is GET /get-session with updateAge 0, which reads the session and its user and writes a new expiry, and the jwt plugin, which signs a new access token (ES256) into the same answer. It rotates nothing and cannot see reuse.',
      'pgbench runs on the core of the systems under test, in the same Postgres, in a database of its own.',
      'Postgres with fsync and synchronous commit. The load generator shares a core with Postgres, except for pgbench, which is its own.',
    ],
  };
};
