import { deliverStripe } from './stripe.fake.ts';

/** A storm of webhook deliveries; shares are of the honest events. */
export interface StormPlan {
  /** Where deliveries go. */
  readonly url: string;
  readonly secret: string;
  /** Distinct events, in the order in which they happened. */
  readonly events: readonly { id: string }[];
  readonly seed: number;
  readonly duplicated?: number;
  readonly reordered?: number;
  readonly badlySigned?: number;
  readonly stale?: number;
  /** Deliveries at the same time. */
  readonly atOnce?: number;
}

export interface StormReport {
  readonly deliveries: number;
  readonly distinct: number;
  /** Honest deliveries that were not answered with 2xx. */
  readonly refused: number;
  /** Spoiled deliveries, and how many of them were answered with 2xx. */
  readonly bad: number;
  readonly badAccepted: number;
  readonly stale: number;
  readonly staleAccepted: number;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
const numbers = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};

type Kind = 'honest' | 'bad' | 'stale';

/**
 * Delivers events as the worst day would: some twice, some in another order, and among them some with a signature that
 * does not fit, or one that is too old. The spoiled ones carry event ids of their own, so that taking one shows.
 */
export const runStripeStorm = async (plan: StormPlan): Promise<StormReport> => {
  const { url, secret, events, seed, duplicated = 0.3, reordered = 0.2, badlySigned = 0.05, stale = 0.05 } = plan;
  const random = numbers(seed);
  const queue: { event: { id: string }; kind: Kind }[] = [];
  const spoiled = (event: { id: string }, kind: 'bad' | 'stale') => ({
    event: { ...event, id: `${event.id}x${kind}` },
    kind,
  });
  for (const event of events) {
    queue.push({ event, kind: 'honest' });
    if (random() < duplicated) queue.push({ event, kind: 'honest' });
    if (random() < badlySigned) queue.push(spoiled(event, 'bad'));
    if (random() < stale) queue.push(spoiled(event, 'stale'));
  }
  for (let at = 0; at < queue.length; at += 1) {
    const other = Math.floor(random() * queue.length);
    const [one, two] = [queue[at], queue[other]];
    if (random() < reordered && one && two) [queue[at], queue[other]] = [two, one];
  }
  const report = { refused: 0, bad: 0, badAccepted: 0, stale: 0, staleAccepted: 0 };
  const send = async ({ event, kind }: (typeof queue)[number]): Promise<void> => {
    const how =
      kind === 'bad' ? { secret: `${secret}!` } : kind === 'stale' ? { age: 301 + Math.floor(random() * 1e6) } : {};
    const answer = await deliverStripe(url, event, secret, how);
    await answer.arrayBuffer();
    if (kind === 'honest') report.refused += answer.ok ? 0 : 1;
    else {
      report[kind] += 1;
      report[`${kind}Accepted`] += answer.ok ? 1 : 0;
    }
  };
  const deliveries = queue.length;
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) await send(next);
  };
  await Promise.all(Array.from({ length: plan.atOnce ?? 8 }, worker));
  return { deliveries, distinct: events.length, ...report };
};
