import type { EntityManager } from 'typeorm';
import { NO_PASSWORD } from '../passwords/password.hasher.ts';
import { PasskeyEntity, type Passkey } from './passkey.entity.ts';

/** The table of passkeys; they belong to people, not to workspaces. */
export const createPasskeyStore = (manager: EntityManager) => ({
  /** Waits until whoever else adds or removes passkeys of this user is done. Sign-ins do not wait. */
  async lockOwner(userId: string): Promise<void> {
    await manager.query('select from users where id = $1 for no key update', [userId]);
  },
  list: (userId: string): Promise<Passkey[]> =>
    manager.find(PasskeyEntity, { where: { userId }, order: { id: 'asc' } }),
  find: (userId: string, id: string): Promise<Passkey | null> => manager.findOneBy(PasskeyEntity, { userId, id }),
  findByCredential: (credentialId: string): Promise<Passkey | null> =>
    manager.findOneBy(PasskeyEntity, { credentialId }),
  /** Waits for whoever else signs in with it, so that its counter is compared with the last one. */
  lock: (id: string): Promise<Passkey | null> =>
    manager.findOne(PasskeyEntity, { where: { id }, lock: { mode: 'pessimistic_write' } }),

  /** @returns whether nobody had this credential */
  async add(passkey: Passkey): Promise<boolean> {
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(PasskeyEntity)
      .values(passkey)
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length > 0;
  },
  async update(id: string, change: Partial<Passkey>): Promise<void> {
    await manager.update(PasskeyEntity, { id }, change);
  },
  async remove(userId: string, id: string): Promise<void> {
    await manager.delete(PasskeyEntity, { userId, id });
  },

  /** Whether the user gets in without passkeys: by a password, or by an account elsewhere. */
  async hasAnotherWayIn(userId: string): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `select 1 from users u where u.id = $1
         and (u.password_hash <> $2 or exists (select from external_identities e where e.user_id = u.id))`,
      [userId, NO_PASSWORD],
    );
    return rows.length > 0;
  },
});
export type PasskeyStore = ReturnType<typeof createPasskeyStore>;
