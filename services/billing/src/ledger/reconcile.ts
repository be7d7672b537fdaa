/** Two figures that should be the same, and what is known of their difference; micro-units, or a count of rows. */
export interface Comparison {
  readonly name: string;
  readonly expected: bigint;
  readonly actual: bigint;
  /** The part of the difference that is right, and why. */
  readonly explained?: bigint;
  readonly reason?: string;
}

interface Check {
  readonly name: string;
  readonly expected: bigint;
  readonly actual: bigint;
  readonly explained: bigint;
  /** What nobody can explain; zero when all is well. */
  readonly drift: bigint;
  readonly reason: string | null;
}

/** A workspace's chain of hashes, as it was found. */
export interface ChainState {
  readonly intact: boolean;
  readonly batches: number;
  readonly entries: number;
  /** Last hash, hex. */
  readonly head: string;
  /** The first place where it does not hold. */
  readonly break: { readonly seq: number; readonly problem: string } | null;
}

export interface Reconciliation {
  readonly reconciled: boolean;
  readonly checks: readonly Check[];
  readonly chain: ChainState;
}

const compare = ({ name, expected, actual, explained = 0n, reason }: Comparison): Check => ({
  name,
  expected,
  actual,
  explained,
  drift: actual - expected - explained,
  reason: explained === 0n ? null : (reason ?? null),
});

/** Judges what was counted: reconciled when nothing drifted and the chain is whole. */
export const reconcile = (comparisons: readonly Comparison[], chain: ChainState): Reconciliation => {
  const checks = comparisons.map(compare);
  return { reconciled: chain.intact && checks.every(({ drift }) => drift === 0n), checks, chain };
};
