import { IsNull, type EntityManager } from 'typeorm';
import { RecoveryCodeEntity, SessionProofEntity, TotpFactorEntity, type TotpFactor } from './mfa.entity.ts';

/** The tables of second factors and proofs; they belong to people, not to workspaces. */
export const createMfaStore = (manager: EntityManager) => ({
  find: (userId: string): Promise<TotpFactor | null> => manager.findOneBy(TotpFactorEntity, { userId }),
  /** Waits for whoever else tries a code of this user, so that one code is accepted once. */
  lock: (userId: string): Promise<TotpFactor | null> =>
    manager.findOne(TotpFactorEntity, { where: { userId }, lock: { mode: 'pessimistic_write' } }),
  async save(factor: TotpFactor): Promise<void> {
    await manager.upsert(TotpFactorEntity, factor, ['userId']);
  },
  async update(userId: string, change: Partial<TotpFactor>): Promise<void> {
    await manager.update(TotpFactorEntity, { userId }, change);
  },
  async remove(userId: string): Promise<void> {
    await manager.delete(RecoveryCodeEntity, { userId });
    await manager.delete(TotpFactorEntity, { userId });
  },

  async replaceCodes(userId: string, hashes: readonly Buffer[]): Promise<void> {
    await manager.delete(RecoveryCodeEntity, { userId });
    await manager.insert(
      RecoveryCodeEntity,
      hashes.map((hash) => ({ userId, hash, usedAt: null })),
    );
  },
  countCodes: (userId: string): Promise<number> => manager.countBy(RecoveryCodeEntity, { userId, usedAt: IsNull() }),
  /** @returns whether it was there and unused */
  async useCode(userId: string, hash: Buffer, usedAt: Date): Promise<boolean> {
    const { affected } = await manager.update(RecoveryCodeEntity, { userId, hash, usedAt: IsNull() }, { usedAt });
    return affected === 1;
  },

  findProof: async (sessionId: string): Promise<Date | null> =>
    (await manager.findOneBy(SessionProofEntity, { sessionId }))?.provenAt ?? null,
  async prove(sessionId: string, provenAt: Date): Promise<void> {
    await manager.upsert(SessionProofEntity, { sessionId, provenAt }, ['sessionId']);
  },
});
export type MfaStore = ReturnType<typeof createMfaStore>;
