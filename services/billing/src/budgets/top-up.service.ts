import { conflict, type JobQueue } from '@atrium/service-kit';
import type { Books } from '../ledger/ledger.ts';
import type { SettingsStore } from '../settings/settings.store.ts';
import { periodAt } from '../settings/zone.ts';
import { requestTopUp } from './top-up.job.ts';
import type { AutoTopUp, TopUpStore } from './top-up.store.ts';
import { decideTopUp, type TopUpRule } from './top-up.ts';

/** After one that failed nothing is asked for this long: a declined card is not tried every minute. */
const PAUSE_MS = 86_400_000;

/** Tops the wallet up by itself, by the rule of the workspace. */
export const createTopUpService = (parts: {
  topUps: TopUpStore;
  settings: SettingsStore;
  /** Locks the books, so that no money is spent while the rule changes. */
  lock: () => Promise<unknown>;
  /** Whether somebody takes payments. */
  available: boolean;
  jobs: JobQueue;
  now: () => Date;
  newId: () => string;
}) => {
  const { topUps, settings, lock, available, jobs, now, newId } = parts;

  return {
    available,
    rule: (): Promise<TopUpRule | null> => topUps.rule(),

    /** @throws DomainError 409 `auto_top_up.unavailable` where nobody takes payments */
    async setRule(rule: TopUpRule): Promise<TopUpRule> {
      if (rule.enabled && !available)
        throw conflict(
          'auto_top_up.unavailable',
          'Nobody takes payments here, so nothing can be topped up by itself. Set up payments first.',
        );
      await lock();
      await topUps.setRule(rule, now());
      return rule;
    },

    /** Asks for money when the wallet is short. The books are locked, so nobody asks twice. */
    async look(books: Books): Promise<void> {
      const rule = await topUps.rule();
      if (!rule?.enabled || books.wallet >= rule.threshold) return;
      const at = now();
      const { timeZone } = await settings.read();
      const [day, month] = [periodAt('daily', timeZone, at), periodAt('monthly', timeZone, at)];
      const asked = await topUps.since(new Date(Math.min(month.start.getTime(), at.getTime() - PAUSE_MS)));
      const sumSince = (start: Date): bigint =>
        asked
          .filter(({ status, createdAt }) => status !== 'failed' && createdAt >= start)
          .reduce((sum, { amount }) => sum + amount, 0n);
      const decision = decideTopUp(rule, books.wallet, {
        pending: asked.some(({ status }) => status === 'pending'),
        failedLately: asked.some(
          ({ status, finishedAt }) => status === 'failed' && (finishedAt?.getTime() ?? 0) > at.getTime() - PAUSE_MS,
        ),
        today: sumSince(day.start),
        thisMonth: sumSince(month.start),
      });
      if ('not' in decision) return;
      const id = newId();
      await topUps.add(id, decision.amount, at);
      await jobs.add(requestTopUp, { topUpId: id }, { key: id });
    },

    find: (id: string): Promise<AutoTopUp | undefined> => topUps.find(id),

    /** Told by whoever takes payments, when the money came or did not. */
    finish: (id: string, outcome: { succeeded: boolean; reason?: string }): Promise<boolean> =>
      topUps.finish(id, outcome.succeeded ? 'succeeded' : 'failed', outcome.reason ?? null, now()),
  };
};
export type TopUpService = ReturnType<typeof createTopUpService>;
