import { EntitySchema } from 'typeorm';
import { amountColumn } from '../ledger/money.column.ts';
import type { ListedPrice } from './price.ts';

export const PriceEntity = new EntitySchema<ListedPrice>({
  name: 'Price',
  tableName: 'prices',
  columns: {
    provider: { type: 'text', primary: true },
    model: { type: 'text', primary: true },
    unit: { type: 'text', primary: true },
    perMillion: amountColumn,
    validFrom: { type: 'timestamptz', primary: true },
  },
});
