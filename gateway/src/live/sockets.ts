import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  DomainError,
  newId,
  problemOf,
  toDomainError,
  type Logger,
  type RevocationWatch,
  type TokenVerifier,
} from '@atrium/service-kit';
import { WebSocketServer } from 'ws';
import { isListed } from '../entry/browser.headers.ts';
import { networkOf, type Caller } from '../entry/client.address.ts';
import { readTarget } from '../entry/target.ts';
import type { RateLimits } from '../limits/rate.limits.ts';
import type { Hub } from './hub.ts';
import { closeCodes, openSession, type Places, type Session } from './socket.session.ts';

const PATHS: ReadonlySet<string> = new Set(['/ws', '/api/v1/ws']);
const PROTOCOL = 'bearer';
/** Clients send tokens and pings, nothing longer. */
const MAX_MESSAGE = 8_192;
const AUTH_MS = 5_000;
const MESSAGES_PER_BEAT = 60;

const createPlaces = (most: number): Places => {
  const taken = new Map<string, number>();
  return {
    take(userId) {
      const count = taken.get(userId) ?? 0;
      if (count >= most) return false;
      taken.set(userId, count + 1);
      return true;
    },
    free(userId) {
      const count = (taken.get(userId) ?? 1) - 1;
      if (count > 0) taken.set(userId, count);
      else taken.delete(userId);
    },
  };
};

/** The token of `Sec-WebSocket-Protocol: bearer, <token>`: browsers cannot set other headers, and URLs end in logs. */
const offeredToken = (req: IncomingMessage): string | undefined => {
  const [protocol, token] = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim());
  return protocol === PROTOCOL && token ? token : undefined;
};

const isOwnPage = (origin: string, host: string): boolean => URL.canParse(origin) && new URL(origin).host === host;

const refuse = (socket: Duplex, error: unknown): void => {
  const problem = toDomainError(error);
  const body = JSON.stringify(problemOf(problem, newId()));
  const headers = Object.entries({
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...problem.headers,
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Refused'}\r\n${lines}\r\n${body}`);
};

/** The WebSockets of this gateway: who may connect, who is connected, and the end of all of them. */
export const createSockets = (options: {
  hub: Hub;
  verify: TokenVerifier;
  limits: RateLimits;
  readCaller: (req: IncomingMessage) => Caller;
  origins: readonly string[];
  settings: { perUser: number; backlog: number; heartbeatMs: number };
  log: Logger;
  now: () => number;
}) => {
  const { hub, verify, limits, readCaller, origins, settings, log, now } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has(PROTOCOL) ? PROTOCOL : false),
  });
  const sessions = new Set<Session>();
  const places = createPlaces(settings.perUser);
  const session = { authMs: AUTH_MS, backlog: settings.backlog, messagesPerBeat: MESSAGES_PER_BEAT };
  const heartbeat = setInterval(() => {
    for (const one of sessions) one.beat();
  }, settings.heartbeatMs);
  let closing = false;

  const check = async (req: IncomingMessage): Promise<void> => {
    const target = readTarget(req.url ?? '');
    if (!target || !PATHS.has(target.path))
      throw new DomainError('request.unknown_route', 404, 'WebSockets are served at /ws.');
    const caller = readCaller(req);
    const { origin } = req.headers;
    if (origin !== undefined && !isListed(origins, origin) && !isOwnPage(origin, caller.host))
      throw new DomainError('request.foreign_origin', 403, 'Pages of this origin may not connect.');
    await limits.count({ setHeader: () => undefined }, 'anonymous', networkOf(caller.address));
  };

  return {
    async upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
      const ignore = (): void => undefined;
      socket.on('error', ignore);
      try {
        await check(req);
        if (closing) throw new DomainError('service.restarting', 503, 'This gateway is going away. Connect again.');
        socket.off('error', ignore);
        server.handleUpgrade(req, socket, head, (client) => {
          const one = openSession(client, { hub, verify, places, settings: session, now }, offeredToken(req));
          sessions.add(one);
          client.once('close', () => sessions.delete(one));
        });
      } catch (error) {
        log.debug({ err: error }, 'a WebSocket was refused');
        refuse(socket, error);
      }
    },
    count: () => sessions.size,
    /** Closes what was opened with a token that was revoked since. */
    closeRevoked(revocations: Pick<RevocationWatch, 'isRevoked'>): void {
      for (const one of sessions) one.closeIfRevoked(revocations);
    },
    /** Tells every client to connect again, which leads it to another gateway. */
    close(): void {
      closing = true;
      clearInterval(heartbeat);
      for (const one of sessions) one.close(closeCodes.restarting, 'service.restarting');
    },
  };
};
export type Sockets = ReturnType<typeof createSockets>;
