import { comparison } from '../../harness/comparison.ts';
import type { Worked } from '../../harness/load.ts';
import { cpuOf, faultOf, figureOf, type Round } from '../../harness/rounds.ts';
import type { Report } from '../../harness/scenario.ts';
import { versionOf } from '../../harness/version.ts';
import { ARGON2ID_NAME } from './argon2.cost.ts';

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} ms`);

export const loginReport = (found: {
  rounds: readonly Round[];
  /** Every binding's bare rate, and the fastest one, which is the floor. */
  rates: readonly { name: string; perSecond: number }[];
  fastest: string;
  workers: number;
  /** What became of more sign-ins than there can be, and how many a second were asked for. */
  overload: Worked;
  asked: number;
}): Report => {
  const { rounds, rates, fastest, workers, overload, asked } = found;
  const { refused = 0, ...broken } = overload.others;
  const wrong = Object.entries(broken).map(([why, times]) => `${times} times under overload: ${why}`);
  const fault = faultOf(rounds, 'ours') ?? wrong[0];
  const scrypt = comparison(rounds, 'scrypt', 'better-auth', null);
  const betterAuth = `better-auth ${versionOf('better-auth')}`;
  const ours = figureOf(rounds, 'ours');
  return {
    scenario: 'auth-login',
    title: 'Auth: signing in with a password',
    unit: 'sign-ins/s',
    better: 'higher',
    ours: fault === undefined ? (ours ?? null) : null,
    ...(fault === undefined ? {} : { fault }),
    peer: comparison(rounds, 'peer', `${betterAuth}, the same argon2id`, 1.5),
    floor: comparison(rounds, 'floor', `bare ${fastest}, verify`, 0.9),
    limits: [],
    details: [
      {
        label: `${betterAuth} with its own scrypt (N = 16 384, r = 16, p = 1); ours ÷ it`,
        value: `${scrypt.figure?.toFixed(1) ?? '–'} sign-ins/s; ${scrypt.ratio?.toFixed(2) ?? '–'}×`,
      },
      ...rates.map(({ name, perSecond }) => ({ label: `bare ${name}`, value: `${perSecond.toFixed(1)} hashes/s` })),
      ...['ours', 'peer', 'scrypt', 'floor'].map((side) => ({
        label: `CPU per sign-in, ${side}`,
        value: ms(cpuOf(rounds, side)),
      })),
      ...['ours', 'peer', 'scrypt'].map((side) => ({
        label: `latency at full load, ${side}: p50; p99`,
        value: `${ms(figureOf(rounds, side, 'p50Ms'))}; ${ms(figureOf(rounds, side, 'p99Ms'))}`,
      })),
      {
        label: `ours under overload, ${asked.toFixed(0)} asked for a second`,
        value: `${overload.perSecond.toFixed(1)} sign-ins/s, p99 ${ms(overload.p99Ms)}; ${refused} of ${refused + overload.done} refused with 503 and Retry-After`,
      },
    ],
    rounds,
    method: [
      `Every side hashes with ${ARGON2ID_NAME}, but for better-auth's own default, which is printed beside.`,
      `${workers} sign-ins, or bare hashes, are under way at any time (closed loop); every one must give new tokens.`,
      "Ours is the service's own route by HTTP: limits counted in Redis, the hash in a bounded queue, second factor looked up, session and refresh token committed, access token signed.",
      'better-auth is its own HTTP handler on the same Postgres with a database of its own: e-mail and password, session committed; its limit of attempts is off.',
      'The floor is the binding alone that was fastest, checking a right password with as many under way.',
      'Overload comes at a steady rate whether or not the answers do (open loop).',
    ],
  };
};
