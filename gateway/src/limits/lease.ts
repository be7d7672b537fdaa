/** What a shared bucket grants of the points it was asked for. */
export interface Grant {
  readonly granted: number;
  /** Points that nobody has taken yet. */
  readonly left: number;
  /** Until there is one more point; 0 when there is one. */
  readonly waitMs: number;
  /** Until all points are there again. */
  readonly fullInMs: number;
}

/** Whether one request may pass, and what to tell the client of its limit. */
export interface Verdict {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until a request that was refused may come again; 0 for one that passes. */
  readonly waitMs: number;
  /** Until the whole limit is there again. */
  readonly fullInMs: number;
}

interface Lease {
  own: number;
  left: number;
  fullAt: number;
  /** Points that were not used up until then are gone. */
  endsAt: number;
  /** Nothing more is there before then. */
  emptyUntil: number;
  pending: Promise<void> | undefined;
}

const KEYS = 20_000;
/** Points are fetched in blocks of this share of the limit. */
const BLOCK = 0.01;

/**
 * Spends a shared limit from blocks that are fetched ahead, so that most requests ask nobody. Never lets more pass
 * than the bucket gave; up to one block less one point of each gateway may stay unused, which is 1 % of the limit.
 * Limits below 200 are counted one by one.
 * @param ask takes points from the bucket that all gateways share
 * @param keepMs how long a block is kept
 */
export const createLeases = (options: {
  limit: number;
  keepMs: number;
  ask: (key: string, points: number) => Promise<Grant>;
  now: () => number;
}) => {
  const { limit, keepMs, ask, now } = options;
  const block = Math.max(1, Math.floor(limit * BLOCK));
  const leases = new Map<string, Lease>();

  const open = (key: string): Lease => {
    if (leases.size >= KEYS) leases.delete(leases.keys().next().value ?? '');
    const lease: Lease = { own: 0, left: 0, fullAt: 0, endsAt: 0, emptyUntil: 0, pending: undefined };
    leases.set(key, lease);
    return lease;
  };

  const fetch = async (key: string, lease: Lease): Promise<void> => {
    const { granted, left, waitMs, fullInMs } = await ask(key, block).finally(() => (lease.pending = undefined));
    const at = now();
    lease.own += granted;
    lease.left = left;
    lease.fullAt = at + fullInMs;
    lease.endsAt = at + keepMs;
    lease.emptyUntil = granted === 0 ? at + Math.max(1, waitMs) : 0;
  };

  const spend = (lease: Lease, at: number): Verdict | undefined => {
    const fullInMs = Math.max(0, lease.fullAt - at);
    if (at >= lease.endsAt) lease.own = 0;
    if (lease.own > 0) {
      lease.own -= 1;
      return { allowed: true, remaining: lease.own + lease.left, waitMs: 0, fullInMs };
    }
    return at < lease.emptyUntil
      ? { allowed: false, remaining: 0, waitMs: lease.emptyUntil - at, fullInMs }
      : undefined;
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
