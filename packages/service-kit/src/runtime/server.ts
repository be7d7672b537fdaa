import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long running requests may take to end once a service was asked to stop. */
const DRAIN_MS = 20_000;

/** Raised when the address cannot be listened on; the message says what to do. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/** What Node does not tell of a server. */
interface Traffic {
  readonly connections: Set<Socket>;
  /** Answers that have not been finished. */
  readonly answers: Map<ServerResponse, IncomingMessage>;
  accepted: number;
  draining: boolean;
}
const trafficOf = new WeakMap<Server, Traffic>();

/**
 * Lets an answer say that its connection ends with it. Only once the request was read: before that Node would end the
 * connection under a client that is still sending, and the answer could be lost.
 */
const makeLast = (req: IncomingMessage, res: ServerResponse): void => {
  const mark = (): void => {
    if (!res.headersSent) res.shouldKeepAlive = false;
  };
  if (req.complete || (req.headers['content-length'] ?? '0') === '0') mark();
  req.once('end', mark);
};

const watchTraffic = (server: Server): void => {
  const traffic: Traffic = { connections: new Set(), answers: new Map(), accepted: 0, draining: false };
  trafficOf.set(server, traffic);
  server.on('connection', (socket) => {
    traffic.accepted += 1;
    traffic.connections.add(socket);
    socket.once('close', () => traffic.connections.delete(socket));
  });
  server.prependListener('request', (req, res) => {
    traffic.answers.set(res, req);
    res.once('close', () => traffic.answers.delete(res));
    if (traffic.draining) makeLast(req, res);
  });
};

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
  watchTraffic(server);
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

/** How long a new connection may take to show its first request. */
const FIRST_REQUEST_MS = 200;

/** Clients open connections ahead of need; Node does not count one as idle before its first request. */
const closeUnused = (connections: Iterable<Socket>): void => {
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
};

/**
 * Takes in what has connected already, since the system resets what waits when a port is closed. A turn of the event
 * loop accepts one connection at least; after one that found none there is none, and the port is closed in that turn.
 */
const takeWaiting = async (traffic: Traffic): Promise<void> => {
  // What is left of the present turn may have no look at the network in it.
  await nextTurn();
  for (let before = -1, turns = 0; before !== traffic.accepted && turns < 10_000; turns += 1) {
    before = traffic.accepted;
    await nextTurn();
  }
};

/**
 * Stops accepting, lets running requests end, then closes what is left. Every answer from now on says that its
 * connection ends with it, so clients go elsewhere without meeting a closed door.
 * @param drainMs how long running requests may take
 * @param lingerMs how long idle connections stay, so that a client that is about to use one gets an answer; longer
 *   than clients keep them, they close them first
 */
export const drain = async (server: Server, drainMs = DRAIN_MS, lingerMs = 0): Promise<void> => {
  const traffic = trafficOf.get(server);
  const began = Date.now();
  if (traffic) {
    traffic.draining = true;
    for (const [res, req] of traffic.answers) makeLast(req, res);
    await takeWaiting(traffic);
  }
  const closed = new Promise<void>((resolve) => {
    // The HTTP server's own way of closing cuts idle connections at once.
    NetServer.prototype.close.call(server, () => resolve());
  });
  const sweep = (): void => {
    const passed = Date.now() - began;
    if (passed >= lingerMs) server.closeIdleConnections();
    if (passed >= Math.max(lingerMs, FIRST_REQUEST_MS)) closeUnused(traffic?.connections ?? []);
  };
  sweep();
  const idle = setInterval(sweep, 100);
  const force = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(force);
  // What is left of it is its timer.
  server.close();
};
