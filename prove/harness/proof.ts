import type { Platform } from '../platform/platform.ts';
import type { World } from '../platform/world.ts';
import type { Random } from './random.ts';

/** What every proof is given. */
export interface ProofContext {
  /** The running platform: addresses, database, proxies, fakes. */
  readonly platform: Platform;
  /** People and their things, made when they are first asked for and shared by the proofs. */
  readonly world: World;
  readonly seed: number;
  /** Seeded for this proof alone, so that `--only` repeats what the whole suite did. */
  readonly random: Random;
  /** Fewer rounds; the same attacks. */
  readonly short: boolean;
  /** Progress, for the person who waits. */
  say(line: string): void;
}

/** What a proof found. */
export interface Finding {
  /** The one number that counts, with its unit in the gate. */
  readonly figure: number;
  readonly pass: boolean;
  /** What was done, in one line; what went wrong, in those that follow. */
  readonly detail: string;
}

/** One attack with one figure. */
export interface Proof {
  readonly id: string;
  readonly title: string;
  /** What the figure must be, in words. */
  readonly gate: string;
  run(context: ProofContext): Promise<Finding>;
}

export interface Suite {
  readonly name: string;
  readonly summary: string;
  readonly proofs: readonly Proof[];
}

/** How many faults are told; the rest is counted. */
const TOLD = 20;

/** The finding of a proof that counts what should not have happened. @param done what was tried, as the first line */
export const countFaults = (faults: readonly string[], done: string): Finding => ({
  figure: faults.length,
  pass: faults.length === 0,
  detail: [done, ...faults.slice(0, TOLD), ...(faults.length > TOLD ? [`and ${faults.length - TOLD} more`] : [])].join(
    '\n',
  ),
});
