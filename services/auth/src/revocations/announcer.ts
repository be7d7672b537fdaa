import type { Revocation } from '@atrium/contracts';
import { revocationChannel, startLoop, type Logger, type ServiceContext } from '@atrium/service-kit';
import type { RevocationStore } from './revocation.store.ts';

/** Services that hear nothing for 700 ms ask instead. */
const EVERY_MS = 300;
const BATCH = 500;
const FORGET_MS = 60_000;

/**
 * Tells every service over Redis what was revoked: at once after the commit, and again from the table whatever was not
 * told, because Redis was away or the process that committed it ended. It speaks even when there is nothing to tell, so
 * that silence means that auth is not heard.
 */
export const startAnnouncer = (parts: {
  store: RevocationStore;
  redis: ServiceContext<unknown>['redis'];
  prefix: string;
  log: Logger;
  now: () => Date;
}) => {
  const { store, redis, now } = parts;
  const channel = revocationChannel(parts.prefix);
  let told: ((revocations: readonly Revocation[]) => void) | undefined;
  let forgotAt = 0;

  const publish = (revocations: readonly Revocation[]): Promise<number> =>
    redis.publish(channel, JSON.stringify({ revocations }));

  const loop = startLoop({
    name: 'revocations',
    intervalMs: EVERY_MS,
    log: parts.log,
    async step() {
      const rows = await store.unannounced(BATCH);
      const heard = await publish(rows).then(
        () => true,
        // Said by the connection once an outage; services ask in the meantime.
        () => false,
      );
      if (heard && rows.length > 0)
        await store.markAnnounced(
          rows.map(({ rowId }) => rowId),
          now(),
        );
      if (now().getTime() - forgotAt > FORGET_MS) {
        forgotAt = now().getTime();
        await store.forget(now());
      }
      return heard && rows.length === BATCH;
    },
  });

  return {
    /** After a commit: this process at once, the others over Redis. */
    announce(revocations: readonly Revocation[]): void {
      told?.(revocations);
      publish(revocations).catch(() => undefined);
    },
    /** Where this process's own tokens are checked against. */
    source: {
      async load(since: number | undefined) {
        const at = now();
        return { now: at.getTime(), revocations: await store.list(at, new Date(since ?? 0)) };
      },
      follow: (tell: (revocations: readonly Revocation[]) => void): void => void (told = tell),
    },
    stop: () => loop.stop(),
  };
};
export type Announcer = ReturnType<typeof startAnnouncer>;
