import type { DataRuntime } from '@atrium/service-kit';

/** Whether somebody has been signed in to an account from a network before. */
export type KnownPlace = (account: string, ip: string) => Promise<boolean>;

const DAYS = 90;

/** Asks the sessions of the last 90 days, of the person with an address, or with an id behind a prefix such as `mfa:`. */
export const createKnownPlace =
  (db: DataRuntime['db']): KnownPlace =>
  async (account, ip) => {
    const id = /^\w+:([0-9a-f-]{36})$/.exec(account)?.[1];
    const rows: unknown[] = await db.query(
      `select from sessions s join users u on u.id = s.user_id
       where ${id === undefined ? 'u.email = $1' : 'u.id = $1::uuid'}
         and s.created_at > now() - make_interval(days => $3)
         and case family($2::inet) when 4 then s.ip = $2::inet
           else s.ip <<= network(set_masklen($2::inet, 64)) end
       limit 1`,
      [id ?? account, ip, DAYS],
    );
    return rows.length > 0;
  };
