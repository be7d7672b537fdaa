/** What a shared counter grants of the points it was asked for. */
export interface Grant {
  readonly granted: number;
  /** Points that nobody has taken yet. */
  readonly left: number;
  readonly endsInMs: number;
}

/** Whether one request may pass, and what to tell the client of its limit. */
export interface Verdict {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly endsInMs: number;
}

interface Lease {
  own: number;
  left: number;
  endsAt: number;
  /** The counter had less than was asked for: nothing more comes before the window ends. */
  spent: boolean;
  pending: Promise<void> | undefined;
}

const KEYS = 20_000;
/** Points are fetched in blocks of this share of the limit. */
const BLOCK = 0.01;

/**
 * Spends a shared limit from blocks that are fetched ahead, so that most requests ask nobody. Never lets more pass
 * than the limit; with several gateways, up to one block less one point of each other gateway may stay unused, which
 * is 1 % of the limit. Limits below 200 are counted one by one.
 * @param ask takes points from the counter that all gateways share
 */
export const createLeases = (options: {
  limit: number;
  ask: (key: string, points: number) => Promise<Grant>;
  now: () => number;
}) => {
  const { limit, ask, now } = options;
  const block = Math.max(1, Math.floor(limit * BLOCK));
  const leases = new Map<string, Lease>();

  const open = (key: string): Lease => {
    if (leases.size >= KEYS) leases.delete(leases.keys().next().value ?? '');
    const lease: Lease = { own: 0, left: 0, endsAt: now(), spent: false, pending: undefined };
    leases.set(key, lease);
    return lease;
  };

  const fetch = async (key: string, lease: Lease): Promise<void> => {
    const { granted, left, endsInMs } = await ask(key, block).finally(() => (lease.pending = undefined));
    lease.own += granted;
    lease.left = left;
    lease.endsAt = now() + endsInMs;
    lease.spent = granted < block;
  };

  const spend = (lease: Lease, at: number): Verdict | undefined => {
    const endsInMs = lease.endsAt - at;
    if (endsInMs <= 0) lease.own = 0;
    else if (lease.own > 0) {
      lease.own -= 1;
      return { allowed: true, remaining: lease.own + lease.left, endsInMs };
    } else if (lease.spent) return { allowed: false, remaining: 0, endsInMs };
    return undefined;
  };

  const fetchAndSpend = async (key: string, lease: Lease): Promise<Verdict> => {
    for (;;) {
      await (lease.pending ??= fetch(key, lease));
      const verdict = spend(lease, now());
      if (verdict) return verdict;
    }
  };

  /** Takes one point; answers at once unless a block has to be fetched. */
  return (key: string): Verdict | Promise<Verdict> => {
    const lease = leases.get(key) ?? open(key);
    return spend(lease, now()) ?? fetchAndSpend(key, lease);
  };
};
