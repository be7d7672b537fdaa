import type { Pinning } from './machine.ts';
import type { Round } from './rounds.ts';

/** What every scenario is given. */
export interface BenchContext {
  /** Three short rounds instead of five long ones. */
  readonly quick: boolean;
  readonly pinning: Pinning;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the code. */
  readonly root: string;
  /** Progress, for the person who waits. */
  say(line: string): void;
}

/** The other side of a comparison. */
export interface Comparison {
  /** What it is, with its version. */
  readonly name: string;
  /** Median figure in the scenario's unit; null when it has no score. */
  readonly figure: number | null;
  /** Ours divided by it; null when either has no score. */
  readonly ratio: number | null;
  /** 95 % interval of the ratio. */
  readonly ci: readonly [number, number] | null;
  /** The ratio to reach; null when it is shown for orientation only. */
  readonly goal: number | null;
  /** Why there is no score. */
  readonly note?: string;
}

/** A limit that is not a ratio, such as a number of seconds. */
export interface Limit {
  /** Its name in the one-line summary. */
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly figure: number;
  /** The bound it must keep: at most, or at least, this much. */
  readonly most?: number;
  readonly least?: number;
}

/** What a scenario found. */
export interface Report {
  readonly scenario: string;
  readonly title: string;
  /** Unit of the figures. */
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly ours: number | null;
  /** Why ours has no score. */
  readonly fault?: string;
  readonly peer: Comparison | null;
  readonly floor: Comparison;
  readonly limits: readonly Limit[];
  /** Everything else worth knowing, in reading order. */
  readonly details: readonly { readonly label: string; readonly value: string }[];
  readonly rounds: readonly Round[];
  /** How it was done, one sentence a paragraph. */
  readonly method: readonly string[];
}

export interface Scenario {
  /** `--only` takes it, or the part before a hyphen, which several scenarios may share. */
  readonly name: string;
  readonly summary: string;
  run(context: BenchContext): Promise<Report>;
}
