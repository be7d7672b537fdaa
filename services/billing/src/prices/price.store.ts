import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { PriceEntity, WorkspacePriceEntity, type WorkspacePrice } from './price.entity.ts';
import { namesOf, type ListedPrice, type PriceUnit } from './price.ts';

export interface PriceFilter {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly unit?: PriceUnit | undefined;
  readonly own?: boolean | undefined;
}

/** Where a page of the list goes on: behind these values, in this order. */
export type PricePlace = readonly [own: string, provider: string, model: string, unit: string, validFrom: string];

/** The price book: the list that all workspaces share, and what this one set for itself. */
export const createPriceStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  /** Every row that could price a model, of any date. */
  async listed(provider: string, model: string): Promise<ListedPrice[]> {
    const names = [...namesOf(provider, model)];
    const own = await db.findBy(
      WorkspacePriceEntity,
      names.map((name) => ({ ...name, workspaceId })),
    );
    return [...own.map((row) => ({ ...row, own: true })), ...(await db.findBy(PriceEntity, names))];
  },

  /** Rows of both lists, one's own first. */
  async list(filter: PriceFilter, limit: number, after: PricePlace | undefined): Promise<ListedPrice[]> {
    const rows: (Omit<ListedPrice, 'perMillion'> & { perMillion: string })[] = await db.query(
      `select provider, model, unit, per_million as "perMillion", valid_from as "validFrom", own from (
         select 'a' as place, true as own, provider, model, unit, per_million, valid_from
         from workspace_prices where workspace_id = $1
         union all select 'b', false, provider, model, unit, per_million, valid_from from prices) listed
       where ($2::text is null or provider = $2) and ($3::text is null or model = $3) and ($4::text is null or unit = $4)
         and ($5::boolean is null or own = $5)
         and ($6::text is null or (place collate "C", provider collate "C", model collate "C", unit collate "C", valid_from)
           > ($6, $7::text, $8::text, $9::text, $10::timestamptz))
       order by place collate "C", provider collate "C", model collate "C", unit collate "C", valid_from limit $11`,
      [
        workspaceId,
        filter.provider ?? null,
        filter.model ?? null,
        filter.unit ?? null,
        filter.own ?? null,
        ...(after ?? [null, null, null, null, null]),
        limit,
      ],
    );
    return rows.map((row) => ({ ...row, perMillion: BigInt(row.perMillion) }));
  },

  own: (): Promise<WorkspacePrice[]> => db.findBy(WorkspacePriceEntity, { workspaceId }),

  async keep(rows: readonly ListedPrice[], importedBy: string | null, importedAt: Date): Promise<void> {
    for (let from = 0; from < rows.length; from += 500)
      await db.upsert(
        WorkspacePriceEntity,
        rows.slice(from, from + 500).map(({ provider, model, unit, perMillion, validFrom }) => ({
          ...{ provider, model, unit, perMillion, validFrom },
          workspaceId,
          importedBy,
          importedAt,
        })),
        ['workspaceId', 'provider', 'model', 'unit', 'validFrom'],
      );
  },
});
export type PriceStore = ReturnType<typeof createPriceStore>;
