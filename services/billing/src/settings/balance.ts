/** How a workspace's money stands, best first. */
export const balanceStates = ['fine', 'low', 'exhausted'] as const;
export type BalanceState = (typeof balanceStates)[number];

/** @param unspent micro-units in the wallet and set aside @param threshold below this it is low */
export const stateOf = (unspent: bigint, threshold: bigint): BalanceState => {
  if (unspent <= 0n) return 'exhausted';
  return unspent < threshold ? 'low' : 'fine';
};

/** The state after a look at the money: what is exhausted is fine again only when there is as much as the threshold. */
export const nextState = (before: BalanceState, unspent: bigint, threshold: bigint): BalanceState => {
  const now = stateOf(unspent, threshold);
  return before === 'exhausted' && now === 'low' ? before : now;
};

/** What is to be told when the state changes: only that it became worse, and once until it was better again. */
export const crossing = (before: BalanceState, after: BalanceState): 'low' | 'exhausted' | undefined =>
  after !== 'fine' && balanceStates.indexOf(after) > balanceStates.indexOf(before) ? after : undefined;
