import type { ServiceContext } from '@atrium/service-kit';

/** Short-lived values that are good for one use, for all replicas together. */
export interface OnceStore {
  put(kind: string, key: string, value: unknown, ttlMs: number): Promise<void>;
  peek(kind: string, key: string): Promise<unknown>;
  /** @returns the value, to one caller only; undefined when it is gone */
  take(kind: string, key: string): Promise<unknown>;
}

/** Keeps them in Redis. @throws when Redis does not answer: what cannot be counted as used is not handed out */
export const createOnceStore = (redis: ServiceContext<unknown>['redis'], prefix: string): OnceStore => {
  const nameOf = (kind: string, key: string): string => `${prefix}:once:${kind}:${key}`;
  const parse = (text: string | null): unknown => (text === null ? undefined : (JSON.parse(text) as unknown));
  return {
    async put(kind, key, value, ttlMs) {
      await redis.set(nameOf(kind, key), JSON.stringify(value), 'PX', ttlMs);
    },
    peek: async (kind, key) => parse(await redis.get(nameOf(kind, key))),
    take: async (kind, key) => parse(await redis.getdel(nameOf(kind, key))),
  };
};
