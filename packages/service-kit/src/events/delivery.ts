import type { EventEnvelope, ServiceName } from '@atrium/contracts';

/** The BullMQ queue on which a service receives events. */
export const eventQueue = (service: string): string => `events.${service}`;

/** The Redis list on which a publisher is told what became of its deliveries: an array of acknowledgements a batch. */
export const ackList = (prefix: string, publisher: string): string => `${prefix}:acks:${publisher}`;

/** One job on an event queue: events of one publisher, in order. */
export interface EventBatch {
  readonly publisher: ServiceName;
  readonly events: readonly EventEnvelope[];
}

/**
 * What became of one delivery. `deferred`: an earlier event of the same key failed, so this one was not tried.
 * `rejected`: can never be handled, no matter how often it is tried.
 */
export interface Acknowledgement {
  readonly eventId: string;
  readonly subscriber: string;
  readonly outcome: 'handled' | 'failed' | 'deferred' | 'rejected';
  readonly error?: string;
}

/** ±30 %, so that failures do not march in step. */
export const scatter = (ms: number, random: () => number): number => Math.round(ms * (0.7 + 0.6 * random()));

/** Milliseconds until the next attempt: doubling from 0.5 s to 5 min, scattered. */
export const retryDelay = (attempts: number, random: () => number): number =>
  scatter(Math.min(500 * 2 ** attempts, 300_000), random);

/** Attempts after which a delivery waits in the dead-letter list for a person. */
export const MAX_ATTEMPTS = 12;
