import { setTimeout as sleep } from 'node:timers/promises';
import type { RollingClient } from './rolling.client.ts';

export interface SocketReport {
  /** How often each close code was seen; 1012 is "restarting, connect again". */
  closed: Record<string, number>;
  reconnected: number;
  /** Connections that could not be made again. */
  lost: number;
}

const RECONNECT_TRIES = 20;

/** Holds WebSockets, and connects again whenever one is closed. */
export const startSockets = async (client: RollingClient, count: number) => {
  const report: SocketReport = { closed: {}, reconnected: 0, lost: 0 };
  const open = new Set<WebSocket>();
  let going = true;

  const connect = (): Promise<WebSocket | undefined> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${client.gateway.replace('http', 'ws')}/ws`, ['bearer', client.token()]);
      socket.addEventListener('message', () => resolve(socket), { once: true });
      socket.addEventListener('close', () => resolve(undefined), { once: true });
      socket.addEventListener('error', () => resolve(undefined), { once: true });
    });
  const keep = (socket: WebSocket): void => {
    open.add(socket);
    socket.addEventListener('close', ({ code }) => {
      open.delete(socket);
      if (!going) return;
      report.closed[code] = (report.closed[code] ?? 0) + 1;
      void again();
    });
  };
  const again = async (): Promise<void> => {
    for (let tries = 0; going && tries < RECONNECT_TRIES; tries += 1) {
      const socket = await connect();
      if (socket) {
        report.reconnected += 1;
        return keep(socket);
      }
      await sleep(50);
    }
    if (going) report.lost += 1;
  };
  for (let number = 0; number < count; number += 1) {
    const socket = await connect();
    if (!socket) throw new Error('a WebSocket could not be opened before the restarts');
    keep(socket);
  }
  return {
    stop(): SocketReport {
      going = false;
      const alive = open.size;
      for (const socket of open) socket.close();
      report.lost = Math.max(report.lost, count - alive);
      return report;
    },
  };
};
