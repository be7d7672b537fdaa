import type { Revocation } from '@atrium/contracts';
import type { DataRuntime } from '@atrium/service-kit';

interface Row {
  id: string;
  kind: Revocation['kind'];
  subject_id: string;
  at: Date;
  until: Date;
}

/** A revocation with the id of its row. */
export interface Remembered extends Revocation {
  readonly rowId: string;
}

const toRemembered = ({ id, kind, subject_id, at, until }: Row): Remembered => ({
  rowId: id,
  kind,
  id: subject_id,
  at: at.getTime(),
  until: until.getTime(),
});

/** The table of revocations; it has no tenant, since a person's sessions may be in several workspaces. */
export const createRevocationStore = (db: DataRuntime['db']) => ({
  /** Those that can still matter at `now`, made at `since` or later. */
  async list(now: Date, since: Date): Promise<Revocation[]> {
    const rows: Row[] = await db.query(`select * from revocations where until > $1 and at >= $2`, [now, since]);
    return rows.map(toRemembered).map(({ kind, id, at, until }) => ({ kind, id, at, until }));
  },
  async unannounced(limit: number): Promise<Remembered[]> {
    const rows: Row[] = await db.query(`select * from revocations where announced_at is null order by at limit $1`, [
      limit,
    ]);
    return rows.map(toRemembered);
  },
  async markAnnounced(rowIds: readonly string[], at: Date): Promise<void> {
    await db.query(`update revocations set announced_at = $2 where id = any($1)`, [rowIds, at]);
  },
  async forget(before: Date): Promise<void> {
    await db.query(`delete from revocations where until < $1`, [before]);
  },
});
export type RevocationStore = ReturnType<typeof createRevocationStore>;
