import { subscribersOf, type EventDefinition, type EventEnvelope } from '@atrium/contracts';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { Tenant } from '../data/tenant.ts';
import { currentContext } from '../runtime/context.ts';
import { newId } from '../runtime/ids.ts';

/** Adds events to the transaction it was built on. */
export interface Outbox {
  /**
   * Writes an event for each of its subscribers, in the same transaction as the rows it tells of.
   * @param key the aggregate whose events are delivered in order, usually the id of the row that changed
   */
  add<Data extends z.ZodType>(event: EventDefinition<Data>, key: string, data: z.input<Data>): Promise<void>;
}

/** Makes the outbox of a transaction; one a service. */
export interface OutboxWriter {
  on(manager: EntityManager, tenant: Tenant, afterCommit: (work: () => void) => void): Outbox;
  /** The envelope of an event that a statement of the service's own writes; its data is filled in there. */
  envelope(event: EventDefinition, tenant: Tenant, key: string): Omit<EventEnvelope, 'data'>;
  /** Called after the commit of an event that was written so: wakes the relay and tells the WebSockets. */
  written(event: EventDefinition, envelope: EventEnvelope): void;
}

/**
 * @param wake called after a commit that wrote events, so that the relay need not wait for its next poll
 * @param live called after the commit with each event, for the WebSockets; best effort
 */
export const createOutboxWriter = (options: {
  source: string;
  wake: () => void;
  live: (event: EventDefinition, envelope: EventEnvelope) => void;
  now?: () => Date;
}): OutboxWriter => {
  const envelopeOf = (
    event: EventDefinition,
    tenant: Tenant,
    key: string,
    traceparent = currentContext()?.traceparent,
  ): Omit<EventEnvelope, 'data'> => {
    return {
      specversion: '1.0',
      id: newId(),
      source: `/atrium/${options.source}`,
      type: event.type,
      time: (options.now?.() ?? new Date()).toISOString(),
      subject: key,
      datacontenttype: 'application/json',
      workspaceid: tenant.workspaceId,
      ...(tenant.userId ? { userid: tenant.userId } : {}),
      ...(traceparent ? { traceparent } : {}),
    };
  };
  return {
    envelope: envelopeOf,
    written(event, envelope) {
      if (subscribersOf(event.type).length > 0) options.wake();
      if (event.live !== 'none') options.live(event, envelope);
    },
    on: (manager, tenant, afterCommit) => ({
      async add(event, key, data) {
        const context = currentContext();
        const span = context?.tracing?.on
          ? context.tracing.begin(`publish ${event.type}`, {
              traceparent: context.traceparent,
              kind: 'producer',
              attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': event.type },
            })
          : undefined;
        const envelope: EventEnvelope = {
          ...envelopeOf(event, tenant, key, span?.traceparent ?? context?.traceparent),
          data: event.data.parse(data),
        };
        const subscribers = subscribersOf(event.type);
        if (subscribers.length > 0) {
          await manager.query(
            `insert into outbox (event_id, subscriber, key, type, workspace_id, envelope)
             select $1, unnest($2::text[]), $3, $4, $5, $6`,
            [envelope.id, subscribers, key, event.type, tenant.workspaceId, JSON.stringify(envelope)],
          );
          afterCommit(options.wake);
        }
        span?.end();
        if (event.live !== 'none') afterCommit(() => options.live(event, envelope));
      },
    }),
  };
};
