import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { csvLine } from '../paper/csv.ts';
import type { BookedEntry } from './ledger.store.ts';
import { CURRENCY, toWire } from './money.ts';

const PAGE = 500;
const HEADER = ['seq', 'id', 'kind', 'reference', 'description', 'account', 'amount', 'currency', 'created_at'];

const linesOf = ({ seq, id, kind, reference, description, postings, createdAt }: BookedEntry): string =>
  postings
    .map(({ account, amount }) =>
      csvLine([
        toWire(seq),
        id,
        kind,
        reference,
        description,
        account,
        toWire(amount),
        CURRENCY,
        createdAt.toISOString(),
      ]),
    )
    .join('');

/**
 * Writes the journal as CSV, a line a posting, newest first. One page is in memory at a time, and the next is read when
 * the reader took the last.
 * @param page reads entries earlier in the journal than `before`
 */
export const writeJournal = async (
  out: Writable,
  page: (limit: number, before: bigint | undefined) => Promise<readonly BookedEntry[]>,
  signal: AbortSignal,
): Promise<void> => {
  out.write(csvLine(HEADER));
  let before: bigint | undefined;
  for (;;) {
    const entries = await page(PAGE, before);
    if (signal.aborted) return;
    if (!out.write(entries.map(linesOf).join(''))) await once(out, 'drain', { signal });
    before = entries.at(-1)?.seq;
    if (entries.length < PAGE) break;
  }
  out.end();
};
