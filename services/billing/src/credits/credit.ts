export const creditKinds = ['allowance', 'welcome', 'granted', 'paid'] as const;
export type CreditKind = (typeof creditKinds)[number];

/** What is used up first: the lower one. */
export const PRIORITY: Readonly<Record<CreditKind, number>> = { allowance: 10, granted: 30, welcome: 50, paid: 100 };

/** Money that came in at once, with what is left of it; micro-units. */
export interface CreditLot {
  readonly id: string;
  /** The entry that brought it, as `kind:reference`. */
  readonly reference: string;
  readonly kind: CreditKind;
  readonly priority: number;
  readonly amount: bigint;
  readonly remaining: bigint;
  /** What of it expired unspent. */
  readonly expired: bigint;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** What an entry of the journal did to the money that a workspace has, spendable or set aside. */
export interface Movement {
  readonly kind: string;
  readonly reference: string;
  readonly amount: bigint;
  readonly at: Date;
}

const timeOf = (at: Date | null): number => at?.getTime() ?? Number.POSITIVE_INFINITY;

const inOrder = (one: CreditLot, other: CreditLot): number => {
  if (one.priority !== other.priority) return one.priority - other.priority;
  const [ends, otherEnds] = [timeOf(one.expiresAt), timeOf(other.expiresAt)];
  if (ends !== otherEnds) return ends < otherEnds ? -1 : 1;
  return one.createdAt.getTime() - other.createdAt.getTime() || (one.id < other.id ? -1 : 1);
};

/** The order in which money is used up: by priority, then what expires first, then what came first. */
export const orderOf = (lots: readonly CreditLot[]): CreditLot[] => [...lots].sort(inOrder);

const drain = (lots: readonly CreditLot[], order: readonly CreditLot[], amount: bigint): CreditLot[] => {
  let left = amount;
  const after = new Map<string, bigint>();
  for (const { id, remaining } of order) {
    const taken = remaining < left ? remaining : left;
    left -= taken;
    after.set(id, remaining - taken);
  }
  return lots.map((lot) => ({ ...lot, remaining: after.get(lot.id) ?? lot.remaining }));
};

/** Uses money up in order; what no lot covers is left out. */
export const consume = (lots: readonly CreditLot[], amount: bigint): CreditLot[] => drain(lots, orderOf(lots), amount);

/** Takes money back, such as a refund: from what was paid last. */
export const takeBack = (lots: readonly CreditLot[], amount: bigint): CreditLot[] =>
  drain(lots, orderOf(lots).reverse(), amount);

const kindOf = ({ kind, reference }: Movement): CreditKind => {
  if (kind !== 'grant') return 'paid';
  return reference === 'welcome' ? 'welcome' : 'granted';
};

/**
 * Follows the journal: money that came in becomes a lot unless it is one already, money that went is used up. Expiry
 * is left out: whoever books it changes the lot itself.
 * @param newId ids of lots that are new
 */
export const follow = (lots: readonly CreditLot[], movements: readonly Movement[], newId: () => string): CreditLot[] =>
  movements.reduce<CreditLot[]>(
    (now, movement) => {
      const { kind, reference: entry, amount, at } = movement;
      if (kind === 'expire') return now;
      if (amount < 0n) return kind === 'capture' || kind === 'charge' ? consume(now, -amount) : takeBack(now, -amount);
      const reference = `${kind}:${entry}`;
      if (amount === 0n || now.some((lot) => lot.reference === reference)) return now;
      const made = kindOf(movement);
      const lot = { id: newId(), reference, kind: made, priority: PRIORITY[made], amount, remaining: amount };
      return [...now, { ...lot, expired: 0n, expiresAt: null, createdAt: at }];
    },
    [...lots],
  );

/**
 * What of the lots is to be taken out because its time is over. What runs had set aside before that time stays until
 * they end: they were promised it.
 * @param heldAt what is still set aside by holds that were placed before a moment
 */
export const planExpiry = (
  lots: readonly CreditLot[],
  now: Date,
  heldAt: (moment: Date) => bigint,
): { lot: CreditLot; amount: bigint }[] => {
  let kept = 0n;
  return orderOf(lots.filter(({ expiresAt, remaining }) => expiresAt !== null && expiresAt <= now && remaining > 0n))
    .map((lot) => {
      const promised = heldAt(lot.expiresAt ?? now) - kept;
      const stays = promised <= 0n ? 0n : promised < lot.remaining ? promised : lot.remaining;
      kept += stays;
      return { lot, amount: lot.remaining - stays };
    })
    .filter(({ amount }) => amount > 0n);
};

/** Takes an expired amount out of its lot. */
export const expireFrom = (lots: readonly CreditLot[], id: string, amount: bigint): CreditLot[] =>
  lots.map((lot) =>
    lot.id === id ? { ...lot, remaining: lot.remaining - amount, expired: lot.expired + amount } : lot,
  );
