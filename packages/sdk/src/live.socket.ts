import { isAtriumError } from './atrium.error.ts';
import type { Atrium } from './client.ts';

/** A CloudEvents envelope as services publish it. */
export interface LiveEvent {
  readonly id: string;
  /** Such as `document.version.processed.v1`. */
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly workspaceid: string;
  readonly data: Record<string, unknown>;
  readonly [attribute: string]: unknown;
}

/** `signed-out`: the session has ended and nothing is tried any more. */
export type LiveState = 'connecting' | 'ready' | 'waiting' | 'signed-out' | 'closed';

export interface LiveOptions {
  readonly onEvent: (event: LiveEvent) => void;
  /**
   * Told of every change. Events are not kept for those who are away: read what you show again over HTTP whenever it
   * becomes `ready`.
   */
  readonly onState?: (state: LiveState) => void;
  /** Instead of the platform's WebSocket, for Node 20, which has none. */
  readonly connect?: (url: string) => SocketLike;
  /** Milliseconds before the token expires at which a new one is shown. */
  readonly renewMs?: number;
  /** Milliseconds between two signs of life. */
  readonly pingMs?: number;
  /** Milliseconds of the first pause before connecting again, and of the longest. */
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number };
  readonly random?: () => number;
  readonly now?: () => number;
}

/** What is used of a WebSocket. */
export interface SocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
}

/** A connection that stays. */
export interface Live {
  readonly state: LiveState;
  close(): void;
}

const OPEN = 1;
const UNAUTHENTICATED = 4401;
const BACKOFF = { baseMs: 500, maxMs: 30_000 };

type Message =
  { type: 'ready'; expiresAt: string } | { type: 'event'; event: LiveEvent } | { type: 'pong' } | { type: 'unknown' };

/**
 * Connects to `/ws` and stays connected: shows the token in the first message (never in the URL), shows the next one
 * before it expires, and comes back with growing pauses after any interruption.
 */
export const openLive = (atrium: Pick<Atrium, 'transport' | 'session'>, options: LiveOptions): Live => {
  const { session, transport } = atrium;
  const { renewMs = 60_000, pingMs = 25_000, random = Math.random, now = Date.now } = options;
  const backoff = options.backoff ?? BACKOFF;
  const connectTo = options.connect ?? ((url: string): SocketLike => new WebSocket(url));
  let state: LiveState = 'waiting';
  let socket: SocketLike | undefined;
  let failures = 0;
  let shown: string | undefined;
  let timers: ReturnType<typeof setTimeout>[] = [];

  const url = (): string => {
    const page = (globalThis as { location?: { href: string } }).location?.href;
    const at = new URL('/ws', transport.baseUrl === '' ? page : transport.baseUrl);
    at.protocol = at.protocol === 'https:' ? 'wss:' : 'ws:';
    return at.href;
  };
  const over = (): boolean => state === 'closed' || state === 'signed-out';
  const enter = (next: LiveState): void => {
    if (state === next) return;
    state = next;
    options.onState?.(next);
  };
  const stopTimers = (): void => {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
  };
  const later = (ms: number, work: () => void): void => void timers.push(setTimeout(work, ms));

  const wait = (): void => {
    stopTimers();
    if (over()) return;
    enter('waiting');
    const ms = Math.min(backoff.maxMs, backoff.baseMs * 2 ** failures) * (0.5 + random() / 2);
    failures += 1;
    later(ms, () => void connect());
  };
  /** The token to show; a session that has ended ends this too. */
  const tokenFor = async (renew: boolean): Promise<string | undefined> => {
    try {
      const token = renew ? await session.refresh(shown) : await session.token();
      if (token === undefined) enter('signed-out');
      return token;
    } catch (error) {
      if (isAtriumError(error) && error.status === 401) enter('signed-out');
      return undefined;
    }
  };
  const show = async (own: SocketLike, renew: boolean): Promise<void> => {
    const token = await tokenFor(renew);
    if (own !== socket || own.readyState !== OPEN) return;
    if (token === undefined) return own.close();
    shown = token;
    own.send(JSON.stringify({ type: 'auth', token }));
  };
  const askForLife = (own: SocketLike): void => {
    later(pingMs, () => {
      if (own !== socket || own.readyState !== OPEN) return;
      own.send(JSON.stringify({ type: 'ping' }));
      // The pong clears this with all timers that were set since; without one the connection is given up.
      later(pingMs, () => drop(own));
    });
  };
  const receive = (own: SocketLike, data: unknown): void => {
    const message = JSON.parse(String(data)) as Message;
    if (message.type === 'event') return options.onEvent(message.event);
    if (message.type === 'pong') return arm(own);
    if (message.type !== 'ready') return;
    failures = 0;
    expiresAt = Date.parse(message.expiresAt);
    arm(own);
    enter('ready');
  };
  let expiresAt = 0;
  const arm = (own: SocketLike): void => {
    stopTimers();
    later(Math.max(0, expiresAt - renewMs - now()), () => void show(own, true));
    askForLife(own);
  };
  /** For connections that no longer answer, whose closing may take minutes. */
  const drop = (own: SocketLike): void => {
    if (own !== socket) return;
    socket = undefined;
    own.close();
    wait();
  };
  const connect = async (): Promise<void> => {
    if (over()) return;
    enter('connecting');
    if ((await tokenFor(false)) === undefined) return wait();
    if (over()) return;
    const own = connectTo(url());
    socket = own;
    own.addEventListener('open', () => void show(own, false));
    own.addEventListener('message', ({ data }) => {
      if (own === socket) receive(own, data);
    });
    // The close event follows.
    own.addEventListener('error', () => undefined);
    own.addEventListener('close', ({ code }) => {
      if (own !== socket) return;
      socket = undefined;
      if (code === UNAUTHENTICATED) void tokenFor(true).finally(wait);
      else wait();
    });
  };
  void connect();

  return {
    get state() {
      return state;
    },
    close() {
      enter('closed');
      stopTimers();
      socket?.close(1000);
      socket = undefined;
    },
  };
};
