/** How a workspace's money stands, best first. */
export const balanceStates = ['fine', 'low', 'exhausted'] as const;
export type BalanceState = (typeof balanceStates)[number];

/** @param unspent micro-units in the wallet and set aside @param threshold below this it is low */
export const stateOf = (unspent: bigint, threshold: bigint): BalanceState => {
  if (unspent <= 0n) return 'exhausted';
  return unspent < threshold ? 'low' : 'fine';
};

/** What is to be told when the state changes: only that it became worse, and once until it was better again. */
export const crossing = (before: BalanceState, after: BalanceState): 'low' | 'exhausted' | undefined =>
  after !== 'fine' && balanceStates.indexOf(after) > balanceStates.indexOf(before) ? after : undefined;
