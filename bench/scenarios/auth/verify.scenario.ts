import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { comparison } from '../../harness/comparison.ts';
import { cpuMsOf } from '../../harness/process.tree.ts';
import { cpuOf, faultOf, figureOf, measureRounds, type Sample } from '../../harness/rounds.ts';
import type { BenchContext, Report, Scenario } from '../../harness/scenario.ts';
import { startSide } from '../../harness/side.ts';
import { versionOf } from '../../harness/version.ts';

const Rate = z.object({ perSecond: z.number(), done: z.int(), fault: z.string().optional() });
const sides: Record<string, string> = { ours: 'ours', floor: 'fast-jwt' };

const run = async ({ pinning, quick, say }: BenchContext): Promise<Report> => {
  await using undo = new AsyncDisposableStack();
  const file = fileURLToPath(import.meta.resolve('./verify.child.ts'));
  const pids: Record<string, Awaited<ReturnType<typeof startSide>>> = {};
  for (const name of Object.keys(sides)) {
    const side = await startSide({ file, env: {}, prefix: pinning.sut });
    undo.defer(() => side.stop());
    pids[name] = side;
  }
  const measure = async (name: string, cached: boolean): Promise<Sample> => {
    const side = pids[name];
    if (!side) throw new Error(`there is no side ${name}`);
    const cpu = cpuMsOf([side.pid]);
    const asked = { side: sides[name], cached, ms: quick ? 500 : 2_000 };
    const { perSecond, done, fault } = await side.call('rate', asked, Rate);
    const cpuMsPerItem = (cpuMsOf([side.pid]) - cpu) / done;
    return { figure: perSecond, cpuMsPerItem, ...(fault === undefined ? {} : { fault }), further: {} };
  };
  const roundsOf = (cached: boolean) =>
    measureRounds({ sides: Object.keys(sides), rounds: quick ? 3 : 5, measure: (name) => measure(name, cached), say });
  for (const name of Object.keys(sides)) await measure(name, true);
  const rounds = await roundsOf(true);
  say('tokens not seen before');
  const uncached = await roundsOf(false);
  const fault = faultOf(rounds, 'ours');
  const ours = figureOf(rounds, 'ours') ?? 0;
  const first = comparison(uncached, 'floor', 'fast-jwt', null);
  return {
    scenario: 'auth-verify',
    title: 'Auth: verifying an access token that was seen before',
    unit: 'tokens/s',
    better: 'higher',
    ours: fault === undefined ? ours : null,
    ...(fault === undefined ? {} : { fault }),
    peer: null,
    floor: comparison(rounds, 'floor', `fast-jwt ${versionOf('fast-jwt')} with its cache`, null),
    limits: [{ name: 'perSecond', label: 'tokens verified', unit: 'a second', figure: ours, least: 300_000 }],
    details: [
      ...Object.keys(sides).map((name) => ({
        label: `CPU per token, ${name}`,
        value: `${((cpuOf(rounds, name) ?? 0) * 1_000).toFixed(2)} µs`,
      })),
      {
        label: 'tokens not seen before: ours; fast-jwt; ours ÷ it',
        value: `${(figureOf(uncached, 'ours') ?? 0).toFixed(0)}; ${first.figure?.toFixed(0) ?? '–'} a second; ${first.ratio?.toFixed(2) ?? '–'}×`,
      },
    ],
    rounds: [...rounds, ...uncached],
    method: [
      'A thousand ES256 tokens in turn, on one thread, each awaited; issuer, audience and expiry are checked, and ours looks up whether the session was ended.',
      'Ours remembers a token by its SHA-256, so that a copy of its memory gives nobody a token; fast-jwt remembers it by a hash too.',
      'Both must refuse a forged token. Tokens not seen before are checked by a verifier made anew.',
    ],
  };
};

export const authVerify: Scenario = {
  name: 'auth-verify',
  summary: 'verifying access tokens, seen before and not',
  run,
};
