import { conflict, type JobQueue } from '@atrium/service-kit';
import type { Books } from '../ledger/ledger.ts';
import type { SettingsStore } from '../settings/settings.store.ts';
import { periodAt } from '../settings/zone.ts';
import { requestTopUp } from './top-up.job.ts';
import { pauses, type TopUpProblem } from './top-up.problem.ts';
import type { AutoTopUp, StoredRule, TopUpStore } from './top-up.store.ts';
import { decideTopUp, type Charging, type TopUpRule } from './top-up.ts';

/** After one that failed nothing is asked for this long, unless somebody sets the rule again. */
const PAUSE_MS = 86_400_000;

/** Tops the wallet up by itself, by the rule of the workspace. */
export const createTopUpService = (parts: {
  topUps: TopUpStore;
  settings: SettingsStore;
  /** Locks the books, so that no money is spent while the rule changes. */
  lock: () => Promise<Books | undefined>;
  charging: Charging;
  jobs: JobQueue;
  now: () => Date;
  newId: () => string;
}) => {
  const { topUps, settings, lock, charging, jobs, now, newId } = parts;

  /** Asks for money when the wallet is short. The books are locked, so nobody asks twice. */
  const look = async (books: Books): Promise<void> => {
    const rule = await topUps.rule();
    if (!rule?.enabled || books.wallet >= rule.threshold) return;
    const at = now();
    const { timeZone } = await settings.read();
    const [day, month] = [periodAt('daily', timeZone, at), periodAt('monthly', timeZone, at)];
    const failedAfter = new Date(Math.max(at.getTime() - PAUSE_MS, rule.updatedAt.getTime()));
    const soFar = await topUps.soFar(day.start, month.start, failedAfter);
    const decision = decideTopUp(rule, books.wallet, { ...soFar, paused: rule.pausedAt !== null });
    if ('not' in decision) return;
    const id = newId();
    await topUps.add(id, decision.amount, at);
    await jobs.add(requestTopUp, { topUpId: id }, { key: id });
  };

  return {
    available: charging.available,
    rule: (): Promise<StoredRule | null> => topUps.rule(),
    latest: (): Promise<AutoTopUp | undefined> => topUps.latest(),
    find: (id: string): Promise<AutoTopUp | undefined> => topUps.find(id),
    look,

    /** @throws DomainError 409 `auto_top_up.unavailable` where nobody takes payments; what `Charging` refuses */
    async setRule(rule: TopUpRule): Promise<void> {
      if (rule.enabled && !charging.available)
        throw conflict(
          'auto_top_up.unavailable',
          'Nobody takes payments here, so nothing can be topped up by itself. Set up payments first.',
        );
      const books = await lock();
      if (rule.enabled) await charging.check(rule.amount);
      await topUps.setRule(rule, now());
      if (books) await look(books);
    },

    /** There is another card: the rule goes on. The books are locked. */
    async resume(books: Books): Promise<void> {
      await topUps.resume(now());
      await look(books);
    },
    /** The rule waits until somebody does something. */
    pause: (code: TopUpProblem): Promise<void> => topUps.pause(code, now()),

    /** The card is going to be charged; from now on only its bank knows whether it was. */
    charge: topUps.charge,

    /** Told by whoever takes payments, when the money came or did not. */
    async finish(id: string, problem: TopUpProblem | undefined): Promise<void> {
      const at = now();
      const ended = await topUps.finish(id, problem ? 'failed' : 'succeeded', problem ?? null, at);
      if (!ended || !problem || !pauses(problem)) return;
      const { methodId = null } = (await topUps.find(id)) ?? {};
      // What became of a card says nothing about the one that was saved since.
      if (methodId !== null && (await charging.replaced(methodId))) await topUps.resume(at);
      else await topUps.pause(problem, at);
    },
  };
};
export type TopUpService = ReturnType<typeof createTopUpService>;
