import type { Tenant } from '@atrium/service-kit';
import { LessThanOrEqual, MoreThan, type EntityManager } from 'typeorm';
import { CreditEntity } from './credit.entity.ts';
import type { CreditLot, Movement } from './credit.ts';

interface MovementRow {
  seq: string;
  kind: string;
  reference: string;
  amount: string;
  at: Date;
}

export const createCreditStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  /** Lots with something left, and those whose entries are behind the place in the journal. */
  lots: async (): Promise<CreditLot[]> => db.findBy(CreditEntity, { workspaceId }),

  hasDue: (now: Date): Promise<boolean> =>
    db.existsBy(CreditEntity, { workspaceId, remaining: MoreThan(0n), expiresAt: LessThanOrEqual(now) }),

  isGranted: (reference: string): Promise<boolean> => db.existsBy(CreditEntity, { workspaceId, reference }),

  async add(lot: CreditLot): Promise<void> {
    await db.insert(CreditEntity, { ...lot, workspaceId });
  },

  /** Writes what became of the lots. */
  async keep(before: readonly CreditLot[], after: readonly CreditLot[]): Promise<void> {
    for (const lot of after) {
      const known = before.find(({ id }) => id === lot.id);
      if (!known) await this.add(lot);
      else if (known.remaining !== lot.remaining || known.expired !== lot.expired) {
        const { remaining, expired } = lot;
        await db.update(CreditEntity, { workspaceId, id: lot.id }, { remaining, expired });
      }
    }
  },

  /** What the journal did to the money of the workspace behind a place, and where it ends now. */
  async movements(behind: bigint): Promise<{ movements: Movement[]; seq: bigint }> {
    const rows: MovementRow[] = await db.query(
      `select e.seq, e.kind, e.reference, e.created_at as at, sum(p.amount) as amount
       from entries e
       join postings p on p.workspace_id = e.workspace_id and p.entry_id = e.id
       join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id and a.kind in ('wallet', 'held')
       where e.workspace_id = $1 and e.seq > $2
       group by e.id having sum(p.amount) <> 0 order by e.seq`,
      [workspaceId, behind.toString()],
    );
    return {
      movements: rows.map(({ kind, reference, at, amount }) => ({ kind, reference, at, amount: BigInt(amount) })),
      seq: rows.reduce((last, row) => (BigInt(row.seq) > last ? BigInt(row.seq) : last), behind),
    };
  },

  /** What holds have set aside that were placed before a moment and are open. */
  async heldBefore(moment: Date): Promise<bigint> {
    const [row]: [{ held: string }] = await db.query(
      `select coalesce(sum(remaining), 0) as held from holds where workspace_id = $1 and status = 'open' and created_at < $2`,
      [workspaceId, moment],
    );
    return BigInt(row.held);
  },
});
export type CreditStore = ReturnType<typeof createCreditStore>;
