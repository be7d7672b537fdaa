import { EventEnvelope } from '@atrium/contracts';
import type { LiveMessage, Logger } from '@atrium/service-kit';

/** A connected client: whose events it may hear, and how to reach it. */
export interface Listener {
  readonly workspaceId: string;
  readonly userId: string;
  /** @param text the message as JSON */
  send(text: string): void;
}

/** Whether a message is for a listener of the workspace it was published in. */
const isFor = (listener: Listener, { audience, envelope }: LiveMessage): boolean =>
  audience === 'workspace' || (audience === 'user' && envelope.userid === listener.userId);

/** Hands what services publish to the clients that may hear it. A workspace never hears of another. */
export const createHub = (log: Logger) => {
  const rooms = new Map<string, Set<Listener>>();

  const read = (workspaceId: string, text: string): LiveMessage | undefined => {
    try {
      const message = JSON.parse(text) as LiveMessage;
      if (EventEnvelope.parse(message.envelope).workspaceid === workspaceId) return message;
    } catch (error) {
      log.warn({ err: error, workspaceId }, 'a live message could not be read; check who publishes on this channel');
      return undefined;
    }
    log.warn({ workspaceId }, 'a live message of another workspace was published on this channel; it was dropped');
    return undefined;
  };

  return {
    /** @returns takes the listener out again */
    add(listener: Listener): () => void {
      const room = rooms.get(listener.workspaceId) ?? new Set();
      rooms.set(listener.workspaceId, room.add(listener));
      return () => {
        if (room.delete(listener) && room.size === 0 && rooms.get(listener.workspaceId) === room)
          rooms.delete(listener.workspaceId);
      };
    },
    /** @param text a LiveMessage as JSON, from the channel of that workspace */
    publish(workspaceId: string, text: string): void {
      const room = rooms.get(workspaceId);
      const message = room && read(workspaceId, text);
      if (!message) return;
      const event = JSON.stringify({ type: 'event', event: message.envelope });
      for (const listener of room) if (isFor(listener, message)) listener.send(event);
    },
  };
};
export type Hub = ReturnType<typeof createHub>;
