import { subscriptions, type EventDefinition, type EventEnvelope, type ServiceName } from '@atrium/contracts';
import type { z } from 'zod';
import type { Unit } from '../data/transactional.ts';

/** An event as its handler gets it: the payload is checked, the envelope is beside it. */
export interface ReceivedEvent<Data> {
  readonly data: Data;
  readonly envelope: EventEnvelope;
}

/** A handler bound to its event. Its effects and the inbox row commit together, so they happen once. */
export interface Subscriber {
  readonly type: string;
  handle(unit: Unit, envelope: EventEnvelope): Promise<void>;
}

/**
 * Declares what a service does when it hears of an event. The handler writes through the unit only: it runs inside
 * the consumer's transaction, in the event's workspace.
 */
export const subscriber = <Data extends z.ZodType>(
  event: EventDefinition<Data>,
  handle: (unit: Unit, event: ReceivedEvent<z.output<Data>>) => Promise<void>,
): Subscriber => ({
  type: event.type,
  handle: async (unit, envelope) => handle(unit, { data: event.data.parse(envelope.data), envelope }),
});

/**
 * Makes sure that a service handles exactly the events that name it, each once.
 * @throws Error at start-up, naming what is missing, doubled or unexpected
 */
export const checkSubscribers = (service: ServiceName, own: readonly Subscriber[]): void => {
  const expected = subscriptions
    .filter(({ subscribers }) => subscribers.includes(service))
    .map(({ event }) => event.type);
  const types = own.map(({ type }) => type);
  const problems = [
    ...expected.filter((type) => !types.includes(type)).map((type) => `${type} has no handler`),
    ...types.filter((type) => !expected.includes(type)).map((type) => `${type} is handled but not subscribed`),
    ...types.filter((type, at) => types.indexOf(type) !== at).map((type) => `${type} has two handlers`),
  ];
  if (problems.length > 0) throw new Error(`${service}: ${problems.join('; ')}`);
};
