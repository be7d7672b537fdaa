import type { Language } from '../profile/profile.ts';

/** Cents as a plain decimal for machines: `-12.30`. */
export const decimal = (cents: bigint): string => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Micro-units as a plain decimal: `0.000024`. */
export const decimalOfMicros = (micros: bigint): string => {
  const digits = (micros < 0n ? -micros : micros).toString().padStart(7, '0');
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

/** A plain decimal for people, with its currency: `1,234.50 USD`, `1.234,50 EUR`. */
export const inMoney = (plain: string, currency: string, language: Language): string => {
  const [whole = '0', part = ''] = plain.split('.');
  const [thousands, point] = language === 'en' ? [',', '.'] : ['.', ','];
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, thousands ?? '')}${point}${part} ${currency}`;
};

/** A day as it is written: `2026-11-21`, which means the same everywhere. */
export const day = (at: Date): string => at.toISOString().slice(0, 10);
