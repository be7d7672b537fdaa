import type { Platform } from '../platform/platform.ts';
import { createWorld, type World } from '../platform/world.ts';
import type { AnyProof, Finding, OwnContext } from './proof.ts';
import { createRandom } from './random.ts';
import type { Outcome } from './report.ts';

/** A number made of an id, so that each proof has random numbers of its own. */
const saltOf = (id: string): number => [...id].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);

const attempt = async (
  proof: AnyProof,
  context: OwnContext,
  shared: { platform: Platform; world: World } | undefined,
): Promise<Finding> => {
  try {
    if (proof.alone) return await proof.run(context);
    if (!shared) throw new Error('it needs a running platform');
    return await proof.run({ ...context, ...shared });
  } catch (error) {
    // What could not be carried out proves nothing.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { figure: -1, pass: false, detail: `it could not be carried out\n${text}` };
  }
};

/** Carries out proofs one after the other on one platform. @param ended told of each as it ends */
export const runProofs = async (options: {
  proofs: readonly AnyProof[];
  /** May be left out when every proof brings its own. */
  platform?: Platform | undefined;
  /** People and things of earlier proofs; new ones when absent. */
  world?: World;
  seed: number;
  short: boolean;
  say(line: string): void;
  ended?(outcome: Outcome): void;
}): Promise<Outcome[]> => {
  const { platform, seed, short } = options;
  const shared = platform && { platform, world: options.world ?? createWorld(platform) };
  const outcomes: Outcome[] = [];
  for (const proof of options.proofs) {
    const started = performance.now();
    const random = createRandom(seed ^ saltOf(proof.id));
    const say = (line: string): void => options.say(`${proof.id}: ${line}`);
    const finding = await attempt(proof, { seed, random, short, say }, shared);
    const outcome = { ...finding, proof, seconds: (performance.now() - started) / 1_000 };
    outcomes.push(outcome);
    options.ended?.(outcome);
  }
  return outcomes;
};
