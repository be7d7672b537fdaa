import type { EntitySchemaColumnOptions } from 'typeorm';

const write = (value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** A `bigint` column that stays a bigint; the driver hands it over as text. */
export const amountColumn: EntitySchemaColumnOptions = {
  type: 'bigint',
  transformer: { from: (text: string): bigint => BigInt(text), to: write },
};

/** A `bigint` column that counts, within what a number holds exactly. */
export const countColumn: EntitySchemaColumnOptions = {
  type: 'bigint',
  transformer: { from: (text: string): number => Number(text), to: write },
};
