import type { EventDefinition, EventEnvelope } from '@atrium/contracts';
import type { Redis } from 'ioredis';

/** The Redis pattern that every gateway listens on, and the channel of one workspace. */
export const livePattern = (prefix: string): string => `${prefix}:live:*`;
const liveChannel = (prefix: string, workspaceId: string): string => `${prefix}:live:${workspaceId}`;

/** What travels on a live channel: an envelope, and the one user it is for when it is not for all. */
export interface LiveMessage {
  readonly audience: EventDefinition['live'];
  readonly envelope: EventEnvelope;
}

/** Publishes committed events to connected clients; best effort, since clients read the truth over HTTP. */
export const createLivePublisher =
  (redis: Redis, prefix: string) =>
  (event: EventDefinition, envelope: EventEnvelope): void => {
    const message: LiveMessage = { audience: event.live, envelope };
    redis.publish(liveChannel(prefix, envelope.workspaceid), JSON.stringify(message)).catch(() => undefined);
  };
