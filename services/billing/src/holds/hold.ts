import { smaller } from '../ledger/money.ts';

export type HoldStatus = 'open' | 'captured' | 'released' | 'expired';

/** What a run cost, split over where the money is taken from; micro-units. */
export interface Settlement {
  readonly status: 'captured' | 'released';
  readonly fromHeld: bigint;
  /** Taken from the wallet, because the hold was too small or had expired. */
  readonly fromWallet: bigint;
  readonly captured: bigint;
  /** Goes back to the wallet now; an expired hold went back before. */
  readonly released: bigint;
  /** Cost that neither the hold nor the wallet could pay. */
  readonly uncovered: bigint;
}

/** How much is set aside for a price: a run that costs nothing still shows that it was allowed. */
export const amountToHold = (price: bigint): bigint => (price > 1n ? price : 1n);

/**
 * Splits the cost of a run: first the hold pays, then the wallet as far as it goes; what is left of the hold is released.
 * A hold that expired has nothing left, so the wallet pays.
 * @returns undefined when the hold was settled before
 */
export const planSettlement = (
  hold: { readonly status: HoldStatus; readonly amount: bigint },
  wallet: bigint,
  cost: bigint,
): Settlement | undefined => {
  if (hold.status === 'captured' || hold.status === 'released') return undefined;
  const held = hold.status === 'open' ? hold.amount : 0n;
  const fromHeld = smaller(cost, held);
  const fromWallet = smaller(cost - fromHeld, wallet);
  const captured = fromHeld + fromWallet;
  return {
    status: captured > 0n ? 'captured' : 'released',
    fromHeld,
    fromWallet,
    captured,
    released: held - fromHeld,
    uncovered: cost - captured,
  };
};
