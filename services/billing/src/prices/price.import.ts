import type { ListedPrice, PriceUnit } from './price.ts';
import { priceUnits } from './price.ts';
import { readPrice } from './price.units.ts';

export const MOST_ROWS = 5_000;

/** One line of a price file as it was written. */
export interface PriceLine {
  /** Where it stands in the file: the line of a CSV, counted from 1, or the place in a JSON list, from 0. */
  readonly row: number;
  readonly provider: string;
  readonly model: string;
  readonly unit: string;
  readonly price: string;
  readonly validFrom: string;
}

/** What is wrong with a line, for the person who wrote it. */
export interface LineError {
  readonly row: number;
  readonly field: string;
  readonly message: string;
}

const columns = ['provider', 'model', 'unit', 'price', 'validFrom'] as const;
const HEADERS: Readonly<Record<string, (typeof columns)[number]>> = {
  provider: 'provider',
  model: 'model',
  unit: 'unit',
  price: 'price',
  validfrom: 'validFrom',
  valid_from: 'validFrom',
};

/** Splits a line of RFC 4180 into its cells; undefined when a quote is left open. */
export const cellsOf = (line: string): string[] | undefined => {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (quoted && letter === '"' && line[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (letter === '"' && (quoted || cell.trim() === '')) {
      quoted = !quoted;
    } else if (letter === ',' && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += letter;
  }
  if (quoted) return undefined;
  return [...cells, cell.trim()];
};

/** Reads a CSV file whose first line names the columns `provider,model,unit,price,validFrom`, in any order. */
export const readCsv = (text: string): { lines: PriceLine[]; errors: LineError[] } => {
  const written = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const headers = (cellsOf(written[0] ?? '') ?? []).map((name) => HEADERS[name.toLowerCase()]);
  const missing = columns.filter((name) => name !== 'validFrom' && !headers.includes(name));
  if (missing.length > 0)
    return {
      lines: [],
      errors: [{ row: 1, field: 'header', message: `The first line must name ${missing.join(', ')}.` }],
    };
  const lines: PriceLine[] = [];
  const errors: LineError[] = [];
  for (const [at, line] of written.entries()) {
    if (at === 0 || line.trim() === '') continue;
    const cells = cellsOf(line);
    if (!cells || cells.length !== headers.length) {
      errors.push({ row: at + 1, field: 'line', message: `This line needs ${headers.length} cells.` });
      continue;
    }
    const cell = (name: (typeof columns)[number]): string => cells[headers.indexOf(name)] ?? '';
    lines.push({
      row: at + 1,
      provider: cell('provider'),
      model: cell('model'),
      unit: cell('unit'),
      price: cell('price'),
      validFrom: cell('validFrom'),
    });
  }
  return { lines, errors };
};

const isUnit = (text: string): text is PriceUnit => priceUnits.some((unit) => unit === text);
const isName = (text: string): boolean => /^[\x21-\x7e]{1,200}$/.test(text);

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** A day (its start in UTC) or a moment of RFC 3339. */
const readDate = (text: string): Date | undefined => {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined;
  const at = new Date(text);
  const ms = at.getTime();
  if (Number.isNaN(ms) || ms < EARLIEST || ms >= LATEST) return undefined;
  return text.length > 10 || at.toISOString().startsWith(text) ? at : undefined;
};

export const keyOf = ({ provider, model, unit, validFrom }: ListedPrice): string =>
  JSON.stringify([provider, model, unit, validFrom.toISOString()]);

/**
 * Reads every line, and says what is wrong with each that cannot be read.
 * @param at when the prices are imported: from then on those without a date are valid
 */
export const readPrices = (lines: readonly PriceLine[], at: Date): { prices: ListedPrice[]; errors: LineError[] } => {
  const errors: LineError[] = [];
  const prices = new Map<string, ListedPrice>();
  for (const { row, provider, model, unit, price, validFrom } of lines) {
    const wrong = (field: string, message: string): void => void errors.push({ row, field, message });
    const before = errors.length;
    if (!isName(provider)) wrong('provider', 'Name the provider with 1 to 200 characters without spaces, or `*`.');
    if (!isName(model)) wrong('model', 'Name the model with 1 to 200 characters without spaces, or `*`.');
    if (!isUnit(unit)) wrong('unit', `Use one of ${priceUnits.join(', ')}.`);
    const perMillion = isUnit(unit) ? readPrice(price, unit) : 0n;
    if (perMillion === undefined) wrong('price', 'Write US dollars of zero or more with a point, such as 2.50.');
    const from = validFrom === '' ? at : readDate(validFrom);
    if (!from) wrong('validFrom', 'Write a day such as 2026-12-01, or a moment such as 2026-12-01T00:00:00Z.');
    if (errors.length > before || !isUnit(unit) || perMillion === undefined || !from) continue;
    const read: ListedPrice = { provider, model, unit, perMillion, validFrom: from };
    const key = keyOf(read);
    if (prices.has(key)) wrong('line', 'An earlier line prices the same thing from the same day.');
    else prices.set(key, read);
  }
  return { prices: [...prices.values()], errors };
};
