import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How long running requests may take to end once a service was asked to stop. */
const DRAIN_MS = 20_000;

/** Raised when the address cannot be listened on; the message says what to do. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** The open connections of each server, which Node does not tell. */
const connections = new WeakMap<Server, Set<Socket>>();

/**
 * Listens with keep-alive times that are longer than those of the proxies in front, so that a proxy never sends a
 * request into a connection that is being closed.
 */
export const listen = async (
  listener: RequestListener,
  host: string,
  port: number,
  options: ServerOptions = {},
): Promise<Server> => {
  const times = { keepAliveTimeout: 75_000, headersTimeout: 80_000, requestTimeout: 600_000 };
  const server = createServer({ ...times, ...options }, listener);
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' ? new PortTaken(`port ${port} on ${host} is taken by another program`) : error,
      ),
    );
    server.listen(port, host, resolve);
  });
  return server;
};

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Clients open connections ahead of need; Node does not count one as idle before its first request. */
const closeUnused = (server: Server): void => {
  for (const socket of connections.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
};

/** Stops accepting, lets running requests end, then closes what is left. */
export const drain = async (server: Server, drainMs = DRAIN_MS): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const idle = setInterval(() => {
    server.closeIdleConnections();
    closeUnused(server);
  }, 200);
  const force = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(force);
};
