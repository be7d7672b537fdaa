import { smaller } from '../ledger/money.ts';

/** Splits what was paid over the costs it is for, in order; where it was not enough, the last ones go short. */
export const splitCharge = (costs: readonly bigint[], paid: bigint): bigint[] => {
  let left = paid;
  return costs.map((cost) => {
    const share = smaller(cost, left);
    left -= share;
    return share;
  });
};
