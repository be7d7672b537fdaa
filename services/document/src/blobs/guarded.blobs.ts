import { throughBreaker, type Breaker } from '@atrium/resilience';
import { unavailable } from '@atrium/service-kit';
import { BlobError, type BlobStore } from './blob.store.ts';

const away = (waitMs: number, cause?: unknown): Error =>
  unavailable(
    'storage.unavailable',
    'The file store does not answer. Try again shortly.',
    Math.max(1, Math.ceil(waitMs / 1_000)),
    cause,
  );

/** What the store says of a blob or of a request is an answer; anything else means that it is not there. */
const isAnswer = (error: unknown): boolean => error instanceof BlobError && error.code !== 'blob.unavailable';

/**
 * Leaves a store alone that keeps failing, so that those who need no files do not wait behind those who do. What cannot
 * be had is 503 `storage.unavailable`. Listing and sweeping, which nobody waits for, are passed on as they are.
 */
export const guardBlobs = (store: BlobStore, breaker: Breaker, now: () => number): BlobStore => {
  const guarded = async <T>(work: () => Promise<T>, isOurs: (error: unknown) => boolean = () => false): Promise<T> =>
    throughBreaker(breaker, work, {
      now,
      tells: (error) => (isOurs(error) ? 'nothing' : isAnswer(error) ? 'up' : 'down'),
      refuse: away,
    }).catch((error: unknown) => {
      const known = isOurs(error) || isAnswer(error) || (error instanceof Error && error.name === 'DomainError');
      throw known ? error : away(1_000, error);
    });
  return {
    ...store,
    put(key, source, options) {
      // A sender that breaks off, or a limit that is passed, tells nothing of the store.
      let failed: { readonly with: unknown } | undefined;
      const watched = async function* (): AsyncGenerator<Uint8Array> {
        try {
          yield* source;
        } catch (error) {
          failed = { with: error };
          throw error;
        }
      };
      return guarded(
        () => store.put(key, watched(), options),
        (error) => failed?.with === error || options?.signal?.aborted === true,
      );
    },
    get: (key) => guarded(() => store.get(key)),
    stat: (key) => guarded(() => store.stat(key)),
    delete: (key) => guarded(() => store.delete(key)),
  };
};
