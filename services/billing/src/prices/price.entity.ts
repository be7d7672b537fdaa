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

/** A price that a workspace set for itself. */
export interface WorkspacePrice extends ListedPrice {
  readonly workspaceId: string;
  readonly importedBy: string | null;
  readonly importedAt: Date;
}
export const WorkspacePriceEntity = new EntitySchema<WorkspacePrice>({
  name: 'WorkspacePrice',
  tableName: 'workspace_prices',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    provider: { type: 'text', primary: true },
    model: { type: 'text', primary: true },
    unit: { type: 'text', primary: true },
    perMillion: amountColumn,
    validFrom: { type: 'timestamptz', primary: true },
    importedBy: { type: 'uuid', nullable: true },
    importedAt: { type: 'timestamptz' },
  },
});
