import { unavailable, type ServiceContext } from '@atrium/service-kit';

/** Short-lived values that are good for one use, for all replicas together. */
export interface OnceStore {
  put(kind: string, key: string, value: unknown, ttlMs: number): Promise<void>;
  peek(kind: string, key: string): Promise<unknown>;
  /** @returns the value, to one caller only; undefined when it is gone */
  take(kind: string, key: string): Promise<unknown>;
}

/** How long a connection that is just being made is waited for. */
const READY_MS = 300;

/** Keeps them in Redis. @throws DomainError 503 without it: what cannot be counted as used is not handed out */
export const createOnceStore = (redis: ServiceContext<unknown>['redis'], prefix: string): OnceStore => {
  const nameOf = (kind: string, key: string): string => `${prefix}:once:${kind}:${key}`;
  const parse = (text: string | null): unknown => (text === null ? undefined : (JSON.parse(text) as unknown));
  const ready = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => (clearTimeout(timer), void redis.off('ready', done), resolve());
      const timer = setTimeout(done, READY_MS);
      redis.once('ready', done);
      if (redis.status === 'ready') done();
    });
  const asked = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (redis.status !== 'ready') await ready();
    return work().catch((error: unknown) => {
      throw unavailable(
        'auth.redis_unavailable',
        'This step needs Redis, which is not answering. Try again.',
        2,
        error,
      );
    });
  };
  return {
    async put(kind, key, value, ttlMs) {
      await asked(() => redis.set(nameOf(kind, key), JSON.stringify(value), 'PX', ttlMs));
    },
    peek: async (kind, key) => parse(await asked(() => redis.get(nameOf(kind, key)))),
    take: async (kind, key) => parse(await asked(() => redis.getdel(nameOf(kind, key)))),
  };
};
