import type { Platform } from '../platform/platform.ts';
import type { World } from '../platform/world.ts';
import type { Random } from './random.ts';

/** What every proof is given. */
export interface OwnContext {
  readonly seed: number;
  /** Seeded for this proof alone, so that `--only` repeats what the whole suite did. */
  readonly random: Random;
  /** Fewer rounds; the same attacks. */
  readonly short: boolean;
  /** Progress, for the person who waits. */
  say(line: string): void;
}

/** What proofs are given that share a platform. */
export interface ProofContext extends OwnContext {
  /** The running platform: addresses, database, proxies, fakes. */
  readonly platform: Platform;
  /** People and their things, made when they are first asked for and shared by the proofs. */
  readonly world: World;
}

/** What a proof found. */
export interface Finding {
  /** The one number that counts, with its unit in the gate. */
  readonly figure: number;
  readonly pass: boolean;
  /** What was done, in one line; what went wrong, in those that follow. */
  readonly detail: string;
}

interface Described {
  readonly id: string;
  readonly title: string;
  /** What the figure must be, in words. */
  readonly gate: string;
}

/** One attack with one figure. */
export interface Proof extends Described {
  readonly alone?: undefined;
  run(context: ProofContext): Promise<Finding>;
}

/** One that starts a platform of its own, since it breaks more of it than others could bear. */
export interface OwnProof extends Described {
  readonly alone: true;
  run(context: OwnContext): Promise<Finding>;
}

export type AnyProof = Proof | OwnProof;

export interface Suite {
  readonly name: string;
  readonly summary: string;
  readonly proofs: readonly AnyProof[];
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
