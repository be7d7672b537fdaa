import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Socket } from 'node:net';

/**
 * Connections that are given up when nothing passes on them for `idleMs`: the client has no limits of its own, so a
 * store that accepts and never answers would be waited for without end. Slow transfers are not silent ones.
 */
export const createS3Agent = (secure: boolean, idleMs: number): Agent => {
  const agent = new (secure ? SecureAgent : Agent)({ keepAlive: true, timeout: idleMs });
  const connect = agent.createConnection.bind(agent);
  return Object.assign(agent, {
    createConnection: (...args: Parameters<typeof connect>) => {
      const socket = connect(...args) as Socket | null | undefined;
      socket?.setTimeout(idleMs);
      socket?.on('timeout', () => socket.destroy(new Error(`the file store was silent for ${idleMs} ms`)));
      return socket;
    },
  });
};
