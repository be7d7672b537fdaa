/** What a cent of each accepted currency buys, in micro-units of the books. */
export type Rates = ReadonlyMap<string, bigint>;

/** A cent of the books' own currency. */
const MICROS_PER_CENT = 10_000n;

const ENTRY = /^([A-Z]{3})(?:=(\d{1,6})(?:\.(\d{1,4}))?)?$/;

const hasCents = (code: string): boolean =>
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits === 2;

/**
 * Reads the currencies that payments may be made in: `USD,EUR=1.08`, where a number says how much of the books'
 * currency one unit buys. The books' own currency is always among them and needs no number.
 * @throws Error naming the entry that is not right
 */
export const readRates = (entries: readonly string[], own: string): Rates => {
  const rates = new Map([[own, MICROS_PER_CENT]]);
  for (const entry of entries) {
    const [, code = '', whole, part = ''] = ENTRY.exec(entry) ?? [];
    const rate = BigInt(whole ?? 0) * MICROS_PER_CENT + BigInt(part.padEnd(4, '0'));
    if (code === own && (whole === undefined || rate === MICROS_PER_CENT)) continue;
    if (code === '' || code === own || rate <= 0n || !hasCents(code))
      throw new Error(`CURRENCIES: "${entry}" should be a currency with cents and its rate, such as EUR=1.08`);
    rates.set(code, rate);
  }
  return rates;
};
