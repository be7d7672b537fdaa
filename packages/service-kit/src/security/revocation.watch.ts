import { Revocation } from '@atrium/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { unauthenticated, unavailable } from '../http/problem.ts';
import type { Logger } from '../observability/log.ts';
import { createRevocationSet, type RevocableToken } from './revocation.set.ts';
import type { RevocationSource } from './revocation.source.ts';
import type { Identity } from './token.ts';

/** The Redis channel that auth tells of revocations on. An empty message says that it is there and has nothing to tell. */
export const revocationChannel = (prefix: string): string => `${prefix}:revocations`;
const Message = z.object({ revocations: z.array(Revocation) });

const read = (text: string): readonly Revocation[] | undefined => {
  try {
    return Message.parse(JSON.parse(text)).revocations;
  } catch {
    return undefined;
  }
};

/** Auth speaks every 300 ms. After this much silence it is asked instead, so that a revocation takes a second at most. */
const SILENCE_MS = 700;
/** How long an answer of auth is good for while it is asked. */
const ASK_AGAIN_MS = 250;
/** How often those who only listen have the silence noticed. */
const LOOK_MS = 100;
/** After auth did not answer, requests do not wait for it for this long. */
const PAUSE_MS = 1_000;
/** With Redis and auth both away, tokens are let through for this long. */
const BLIND_MS = 5_000;
/** Commits may become visible a little out of order, so each question reaches this far back. */
const OVERLAP_MS = 30_000;

type Asked = Pick<Identity, 'tenant' | 'sessionId' | 'issuedAt'>;

/** Knows which tokens were revoked. */
export interface RevocationWatch {
  /**
   * @returns undefined at once when auth is heard over Redis, otherwise a promise, since auth may have to be asked
   * @throws DomainError 401 `token.revoked`, 503 `token.revocations_unavailable`; rejects with the same
   */
  check(identity: Asked): Promise<void> | undefined;
  /** Resolves once it knows what was revoked so far, or after that time: before, no token can be checked. */
  begun(withinMs: number): Promise<void>;
  isRevoked(token: RevocableToken): boolean;
  /** Since auth was last heard or asked: what was revoked meanwhile is not known here. */
  silenceMs(): number;
  /**
   * Calls back after every news; also has auth asked while Redis is away and nobody else asks.
   * @returns gives the listening up
   */
  onNews(listener: () => void): () => void;
  close(): void;
}

export const tokenOf = ({ tenant, sessionId, issuedAt }: Asked): RevocableToken => ({
  userId: tenant.userId,
  sessionId,
  issuedAt,
});
export const tokenRevoked = () =>
  unauthenticated('token.revoked', 'The access token was revoked. Refresh it, or sign in again if that is refused.');

/**
 * Follows revocations over Redis, and asks auth for those it may have missed: at the start, after every break of the
 * connection, and as long as auth is not heard.
 * @param redis a connection of its own that waits out an outage; it can do nothing else afterwards
 */
export const watchRevocations = (options: {
  source: RevocationSource;
  redis: Redis;
  prefix: string;
  log: Logger;
  now?: () => number;
}): RevocationWatch => {
  const { source, redis, log } = options;
  const now = options.now ?? Date.now;
  const set = createRevocationSet(now);
  const listeners = new Set<() => void>();
  /** Counts subscriptions; 0 while there is none. A question asked before the current one may have missed something. */
  let [subscription, subscriptions, complete, heardAt, askedAt] = [0, 0, 0, -Infinity, -Infinity];
  let failedAt = -Infinity;
  let since: number | undefined;
  let pending: Promise<void> | undefined;
  let silent = false;
  const begunAt = now();

  const learn = (revocations: readonly Revocation[]): void => {
    if (revocations.length === 0) return;
    set.add(revocations);
    for (const listener of listeners) listener();
  };

  const ask = async (): Promise<void> => {
    const [began, during] = [now(), subscription];
    const answer = await source.load(since === undefined ? undefined : since - OVERLAP_MS);
    learn(answer.revocations);
    [since, askedAt, complete] = [answer.now, began, during];
    silent = false;
  };
  const askOnce = (): Promise<void> => {
    pending ??= ask().finally(() => (pending = undefined));
    return pending;
  };

  const hears = (): boolean => subscription > 0 && complete === subscription && now() - heardAt < SILENCE_MS;

  /** Nothing can be revoked while auth is away; but with Redis away too, it may be only us who do not reach it. */
  const goOnWithout = (error: unknown): void => {
    const blind = subscription === 0 && now() - askedAt > BLIND_MS;
    if (since === undefined || blind)
      throw unavailable('token.revocations_unavailable', 'Tokens cannot be checked right now.', 1, error);
  };

  const catchUp = async (): Promise<void> => {
    if (hears() || now() - askedAt <= ASK_AGAIN_MS) return;
    if (now() - failedAt < PAUSE_MS) return goOnWithout(undefined);
    try {
      await askOnce();
    } catch (error) {
      failedAt = now();
      if (!silent) log.warn({ err: error }, 'auth does not tell what was revoked; asking again');
      silent = true;
      goOnWithout(error);
    }
  };

  const subscribe = async (): Promise<void> => {
    await redis.subscribe(revocationChannel(options.prefix));
    subscription = subscriptions += 1;
    // What was asked for until now may lie before the subscription.
    await pending?.catch(() => undefined);
    await askOnce();
  };
  const begin = (): void => void subscribe().catch(() => undefined);
  redis.on('ready', begin);
  if (redis.status === 'ready') begin();
  redis.on('close', () => (subscription = 0));
  redis.on('message', (_channel: string, text: string) => {
    const revocations = read(text);
    if (!revocations)
      return log.warn('a message about revocations could not be read; check who publishes on the channel');
    heardAt = now();
    learn(revocations);
  });
  source.follow?.(learn);
  const timer = setInterval(() => {
    if (listeners.size > 0) void catchUp().catch(() => undefined);
  }, LOOK_MS).unref();

  return {
    check(identity) {
      const token = tokenOf(identity);
      if (set.covers(token)) throw tokenRevoked();
      if (hears()) return undefined;
      return catchUp().then(() => {
        if (set.covers(token)) throw tokenRevoked();
      });
    },
    isRevoked: (token) => set.covers(token),
    silenceMs: () => now() - Math.max(heardAt, askedAt, begunAt),
    async begun(withinMs) {
      for (const end = now() + withinMs; since === undefined && now() < end;) {
        await askOnce().catch(() => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)));
      }
    },
    onNews(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => clearInterval(timer),
  };
};
