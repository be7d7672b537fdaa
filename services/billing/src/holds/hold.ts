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

/** What a hold is when money is taken from it; micro-units. */
export interface HoldState {
  readonly status: HoldStatus;
  readonly amount: bigint;
  /** What is still set aside. */
  readonly remaining: bigint;
  readonly captured: bigint;
}

/** How a capture treats what is left and what is missing. */
export interface CaptureRule {
  /** The hold stays open with what is left of it. */
  readonly keepRest: boolean;
  /** Takes what there is when hold and wallet have less than asked, instead of refusing. */
  readonly limit: boolean;
}

export type CapturePlan =
  | { readonly refused: 'settled' }
  | { readonly refused: 'insufficient'; readonly required: bigint; readonly available: bigint }
  | {
      readonly refused?: undefined;
      readonly fromHeld: bigint;
      readonly fromWallet: bigint;
      readonly released: bigint;
      readonly uncovered: bigint;
      readonly after: HoldState;
    };

/**
 * Splits what is asked of a hold: first the hold pays, then the wallet. An expired hold has nothing left, so the
 * wallet pays; one that was captured or released pays no more.
 */
export const planCapture = (hold: HoldState, wallet: bigint, asked: bigint, rule: CaptureRule): CapturePlan => {
  if (hold.status === 'captured' || hold.status === 'released') return { refused: 'settled' };
  const fromHeld = smaller(asked, hold.remaining);
  const over = asked - fromHeld;
  if (over > wallet && !rule.limit) return { refused: 'insufficient', required: over, available: wallet };
  const fromWallet = smaller(over, wallet);
  const left = hold.remaining - fromHeld;
  const remaining = rule.keepRest ? left : 0n;
  const captured = hold.captured + fromHeld + fromWallet;
  const closed = captured > 0n ? 'captured' : 'released';
  return {
    fromHeld,
    fromWallet,
    released: left - remaining,
    uncovered: over - fromWallet,
    after: { ...hold, status: remaining > 0n ? 'open' : closed, remaining, captured },
  };
};

/**
 * Splits the cost of a run that ended, as far as hold and wallet go.
 * @returns undefined when the hold was settled before
 */
export const planSettlement = (
  hold: Pick<HoldState, 'status' | 'amount'> & Partial<HoldState>,
  wallet: bigint,
  cost: bigint,
): Settlement | undefined => {
  const whole = { remaining: hold.status === 'open' ? hold.amount : 0n, captured: 0n, ...hold };
  const plan = planCapture(whole, wallet, cost, { keepRest: false, limit: true });
  if (plan.refused) return undefined;
  const { fromHeld, fromWallet, released, uncovered, after } = plan;
  const status = after.captured > 0n ? 'captured' : 'released';
  return { status, fromHeld, fromWallet, captured: fromHeld + fromWallet, released, uncovered };
};
