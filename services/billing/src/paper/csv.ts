/** A number by its digits, where a float would not keep them: `-12.30`. */
export interface Digits {
  readonly digits: string;
}
/** What stands in a cell. */
export type Cell = string | number | bigint | boolean | Digits | null | undefined;

/** @throws Error for what is no plain decimal */
export const digits = (text: string): Digits => {
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) throw new Error(`"${text}" is no number`);
  return { digits: text };
};

const BREAKS = /[",\r\n]/;

/** Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers. */
const cell = (value: Cell): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return value.digits;
  if (typeof value !== 'string') return String(value);
  const safe = /^\s*[=+\-@]/.test(value) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return BREAKS.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** One line of CSV (RFC 4180). */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cell).join(',')}\r\n`;

/** A CSV file with a first line of names. */
export const writeCsv = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows].map(csvLine).join('');
