import { decodeCursor, invalid } from '@atrium/service-kit';
import { z } from 'zod';
import type { LedgerReading } from '../ledger/ledger.reading.ts';
import { CURRENCY, LARGEST_AMOUNT, toWire } from '../ledger/money.ts';
import { estimateCost, type Wish } from './estimate.ts';
import { keyOf, MOST_ROWS, readCsv, readPrices, type LineError } from './price.import.ts';
import type { EstimateView, ImportPrices, ImportReport, ListPrices } from './price.schema.ts';
import type { PricePlace, PriceStore } from './price.store.ts';
import type { ListedPrice } from './price.ts';

/** Mistakes that one answer names; a file with more has one mistake. */
const MOST_ERRORS = 100;

const Place = z.tuple([z.string(), z.string(), z.string(), z.string(), z.iso.datetime()]);

const placeFrom = (cursor: string | undefined): PricePlace | undefined => {
  const at = decodeCursor(cursor)?.at;
  if (at === undefined) return undefined;
  try {
    return Place.parse(JSON.parse(at));
  } catch {
    throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  }
};

/** Where a row stands in the list, as its cursor carries it. */
export const placeOf = ({ own, provider, model, unit, validFrom }: ListedPrice): string =>
  JSON.stringify([own ? 'a' : 'b', provider, model, unit, validFrom.toISOString()] satisfies PricePlace);

/** The price book of a workspace, and what things would cost by it. */
export const createPriceService = (parts: {
  prices: PriceStore;
  /** Prices of the workspace's own are set. */
  priced: () => void;
  ledger: Pick<LedgerReading, 'balance'>;
  userId: string | undefined;
  now: () => Date;
}) => {
  const { prices, priced, ledger, userId, now } = parts;

  return {
    list: ({ provider, model, unit, list, limit, cursor }: ListPrices): Promise<ListedPrice[]> =>
      prices.list(
        { provider, model, unit, own: list === undefined ? undefined : list === 'own' },
        limit + 1,
        placeFrom(cursor),
      ),

    /**
     * Sets prices of the workspace's own; all of them or, when one row is wrong, none.
     * @throws DomainError 422 `prices.invalid` naming the rows that are wrong
     */
    async import({ csv, prices: given, dryRun }: ImportPrices): Promise<z.input<typeof ImportReport>> {
      const at = now();
      const read =
        csv === undefined ? { lines: (given ?? []).map((line, row) => ({ row, ...line })), errors: [] } : readCsv(csv);
      if (read.lines.length > MOST_ROWS)
        throw invalid('prices.too_many', `A file may have ${MOST_ROWS} rows. Import it in parts.`);
      const { prices: wanted, errors: wrong } = readPrices(read.lines, at);
      const errors: LineError[] = [...read.errors, ...wrong].sort((one, other) => one.row - other.row);
      if (errors.length === 0 && wanted.length === 0)
        errors.push({ row: 1, field: 'line', message: 'The file has no prices.' });
      if (errors.length > 0 && !dryRun)
        throw invalid(
          'prices.invalid',
          'Some rows are not prices, so nothing was imported.',
          errors.slice(0, MOST_ERRORS).map(({ row, field, message }) => ({
            path: `${csv === undefined ? 'body.prices' : 'body.csv'}.${row}.${field}`,
            code: 'price.invalid',
            message,
          })),
        );
      const known = new Map((await prices.own()).map((row) => [keyOf(row), row.perMillion]));
      const added = wanted.filter((row) => !known.has(keyOf(row)));
      const changed = wanted.filter((row) => known.has(keyOf(row)) && known.get(keyOf(row)) !== row.perMillion);
      if (!dryRun) {
        await prices.keep([...added, ...changed], userId ?? null, at);
        priced();
      }
      return {
        dryRun,
        rows: read.lines.length + read.errors.length,
        added: added.length,
        changed: changed.length,
        unchanged: wanted.length - added.length - changed.length,
        errors: errors.slice(0, MOST_ERRORS),
      };
    },

    async estimate(wish: Wish): Promise<z.input<typeof EstimateView>> {
      const listed = await prices.listed(wish.provider, wish.model);
      const { low, high, listedAs } = estimateCost(wish, listed, now());
      const { wallet } = await ledger.balance();
      if (high > LARGEST_AMOUNT) throw invalid('estimate.too_large', 'No balance covers that much. Ask for less.');
      return {
        cost: { low: toWire(low), high: toWire(high) },
        currency: CURRENCY,
        listedAs,
        balance: { available: toWire(wallet), afterLow: toWire(wallet - low), afterHigh: toWire(wallet - high) },
        covered: high <= wallet,
      };
    },
  };
};
export type PriceService = ReturnType<typeof createPriceService>;
