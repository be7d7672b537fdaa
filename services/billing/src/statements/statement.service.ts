import { decodeCursor, invalid, notFound, type JobQueue } from '@atrium/service-kit';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { closeStatement } from './statement.close.ts';
import { presentSheet, type StatementView } from './statement.schema.ts';
import type { StatementStore } from './statement.store.ts';
import { closesAt, drawUp, monthAfter, monthOf, startOf, type Month } from './statement.ts';

/**
 * Monthly statements. Each goes on in the journal where the one before ended, so every entry is on exactly one and the
 * sums are those of the ledger; an entry that was written late is on the next one.
 */
export const createStatementService = (parts: {
  statements: StatementStore;
  ledger: Pick<LedgerService, 'lock'>;
  jobs: JobQueue;
  workspaceId: string;
  now: () => Date;
}) => {
  const { statements, ledger, jobs, workspaceId, now } = parts;

  /** Has a month closed when it is over; once a month, however often it is asked for. */
  const schedule = async (month: Month): Promise<void> => {
    await jobs.add(closeStatement, { month }, { key: `${workspaceId}:${month}`, runAt: closesAt(month) });
  };

  return {
    scheduleCurrent: (): Promise<void> => schedule(monthOf(now())),

    /** Closes a month that is over, and has the next one closed in its time; after a long stop they follow at once. */
    async close(month: Month): Promise<void> {
      const books = await ledger.lock();
      if (books && !(await statements.find(month))) {
        const end = startOf(monthAfter(month));
        const before = await statements.before(month);
        const firstSeq = (before?.lastSeq ?? 0) + 1;
        const lastSeq = await statements.lastSeq(firstSeq - 1, end);
        const sheet = drawUp(
          await statements.balances(firstSeq - 1),
          await statements.movements(firstSeq, lastSeq),
          await statements.entries(firstSeq, lastSeq),
        );
        const from = before ? startOf(monthAfter(before.month)) : new Date(0);
        await statements.add({
          ...{ month, firstSeq, lastSeq, ...presentSheet(sheet) },
          usage: await statements.usage(from, end),
          closedAt: now().toISOString(),
        });
      }
      await schedule(monthAfter(month));
    },

    /** @throws DomainError 404 for a month that is not closed */
    find: async (month: Month): Promise<StatementView> =>
      (await statements.find(month)) ?? notFound('statement', month),

    list: (limit: number, cursor: string | undefined): Promise<StatementView[]> => {
      const before = decodeCursor(cursor)?.at;
      if (before !== undefined && !/^\d{4}-\d{2}$/.test(before))
        throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
      return statements.list(limit + 1, before);
    },
  };
};
export type StatementService = ReturnType<typeof createStatementService>;
