import type { EntityManager } from 'typeorm';
import { UserEntity, type User } from './user.entity.ts';

/** The table of users; it has no tenant. */
export const createUserStore = (manager: EntityManager) => ({
  find: (id: string): Promise<User | null> => manager.findOneBy(UserEntity, { id }),
  findByEmail: (email: string): Promise<User | null> => manager.findOneBy(UserEntity, { email }),

  /**
   * Keeps a user's rights from being changed until the end of the transaction, or waits until a change is done: so a
   * token never carries rights that were recalled while it was made. Before anything of them is read.
   */
  async hold(id: string): Promise<void> {
    await manager.query('select from users where id = $1 for key share', [id]);
  },

  async update(id: string, change: Partial<User>): Promise<void> {
    await manager.update(UserEntity, { id }, change);
  },

  /** Keeps a hash of the same password at another cost, unless the password was changed in between. */
  async replaceHash(id: string, passwordHash: string, upgraded: string): Promise<void> {
    await manager.update(UserEntity, { id, passwordHash }, { passwordHash: upgraded });
  },

  /** @returns whether the address was free */
  async add(user: User): Promise<boolean> {
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(UserEntity)
      .values(user)
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length > 0;
  },
});
export type UserStore = ReturnType<typeof createUserStore>;
