import type { EntityManager } from 'typeorm';
import { UserEntity, type User } from './user.entity.ts';

/** The table of users; it has no tenant. */
export const createUserStore = (manager: EntityManager) => ({
  find: (id: string): Promise<User | null> => manager.findOneBy(UserEntity, { id }),
  findByEmail: (email: string): Promise<User | null> => manager.findOneBy(UserEntity, { email }),

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
