import type { Tenant } from '@atrium/service-kit';
import { LessThan, type EntityManager } from 'typeorm';
import { InvoiceEntity, type Invoice } from './invoice.entity.ts';

export const createInvoiceStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  /** The next number; the row stays locked until the transaction ends, and goes back with it when it fails: no gaps. */
  async nextNumber(): Promise<bigint> {
    const [row]: [{ last: string }] = await db.query(
      `insert into invoice_counters (workspace_id, last) values ($1, 1)
       on conflict (workspace_id) do update set last = invoice_counters.last + 1 returning last`,
      [workspaceId],
    );
    return BigInt(row.last);
  },
  async add(invoice: Omit<Invoice, 'workspaceId'>): Promise<void> {
    await db.insert(InvoiceEntity, { ...invoice, workspaceId });
  },
  find: (id: string): Promise<Invoice | null> => db.findOneBy(InvoiceEntity, { workspaceId, id }),
  findBySource: (kind: Invoice['kind'], sourceId: string): Promise<Invoice | null> =>
    db.findOneBy(InvoiceEntity, { workspaceId, kind, sourceId }),
  /** Newest first. @param before only documents with a smaller number */
  list: (limit: number, before: bigint | undefined): Promise<Invoice[]> =>
    db.find(InvoiceEntity, {
      where: { workspaceId, ...(before === undefined ? {} : { number: LessThan(before) }) },
      order: { number: 'DESC' },
      take: limit,
    }),
});
export type InvoiceStore = ReturnType<typeof createInvoiceStore>;
