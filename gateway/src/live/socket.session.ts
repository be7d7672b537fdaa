import { DomainError, type Identity, type RevocationWatch, type TokenVerifier } from '@atrium/service-kit';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Hub } from './hub.ts';

/** Why the gateway closes a WebSocket (RFC 6455 §7.4; 4000 and up are ours). */
export const closeCodes = {
  policy: 1008,
  restarting: 1012,
  slow: 1013,
  unauthenticated: 4401,
  otherIdentity: 4403,
  tooMany: 4429,
} as const;

/** What a client may send. A new token before the old one expires keeps the connection open. */
const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().max(4_096) }),
  z.strictObject({ type: z.literal('ping') }),
]);

export interface SessionSettings {
  /** Milliseconds until a client must have shown its token. */
  readonly authMs: number;
  /** Bytes that may wait for a slow client. */
  readonly backlog: number;
  /** Messages a client may send between two heartbeats. */
  readonly messagesPerBeat: number;
}

/** Counts the connections of each user. */
export interface Places {
  take(userId: string): boolean;
  free(userId: string): void;
}

const LINGER_MS = 1_000;

const read = (data: RawData, isBinary: boolean): z.infer<typeof ClientMessage> | undefined => {
  if (isBinary) return undefined;
  try {
    return ClientMessage.parse(JSON.parse((data as Buffer).toString()));
  } catch {
    return undefined;
  }
};

/** The life of one WebSocket: token, events until the token expires, end. */
export const openSession = (
  socket: WebSocket,
  parts: { hub: Hub; verify: TokenVerifier; places: Places; settings: SessionSettings; now: () => number },
  token: string | undefined,
) => {
  const { hub, verify, places, settings, now } = parts;
  let identity: Identity | undefined;
  let leave: (() => void) | undefined;
  let alive = true;
  let messages = 0;

  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
    setTimeout(() => socket.terminate(), LINGER_MS).unref();
  };
  let timer = setTimeout(() => close(closeCodes.unauthenticated, 'token.missing'), settings.authMs);

  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > settings.backlog) close(closeCodes.slow, 'socket.slow_reader');
    else socket.send(text);
  };

  const enter = (entering: Identity): void => {
    const { userId, workspaceId } = entering.tenant;
    if (!identity) {
      if (!places.take(userId)) return close(closeCodes.tooMany, 'socket.too_many');
      leave = hub.add({ workspaceId, userId, send });
    } else if (identity.tenant.userId !== userId || identity.tenant.workspaceId !== workspaceId) {
      return close(closeCodes.otherIdentity, 'socket.other_identity');
    }
    identity = entering;
    clearTimeout(timer);
    timer = setTimeout(() => close(closeCodes.unauthenticated, 'token.expired'), entering.expiresAt - now());
    send(JSON.stringify({ type: 'ready', workspaceId, userId, expiresAt: new Date(entering.expiresAt).toISOString() }));
  };

  const authenticate = async (shown: string): Promise<void> => {
    try {
      const verified = await verify(shown);
      if (socket.readyState === socket.OPEN) enter(verified);
    } catch (error) {
      const code = error instanceof DomainError ? error.code : 'token.invalid';
      close(code === 'token.keys_unavailable' ? closeCodes.slow : closeCodes.unauthenticated, code);
    }
  };

  socket.on('message', (data, isBinary) => {
    messages += 1;
    const message = messages > settings.messagesPerBeat ? undefined : read(data, isBinary);
    if (!message) close(closeCodes.policy, 'socket.unknown_message');
    else if (message.type === 'auth') void authenticate(message.token);
    else send(JSON.stringify({ type: 'pong' }));
  });
  socket.on('pong', () => (alive = true));
  // The close event follows; there is nothing else to do about a broken connection.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    clearTimeout(timer);
    leave?.();
    if (leave && identity) places.free(identity.tenant.userId);
  });
  if (token !== undefined) void authenticate(token);

  return {
    close,
    closeIfRevoked(revocations: Pick<RevocationWatch, 'isRevoked'>): void {
      if (identity && revocations.isRevoked({ ...identity, userId: identity.tenant.userId }))
        close(closeCodes.unauthenticated, 'token.revoked');
    },
    /** Asks whether the client is still there; ends the connection when the last question was not answered. */
    beat(): void {
      messages = 0;
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    },
  };
};
export type Session = ReturnType<typeof openSession>;
