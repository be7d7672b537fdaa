import type { EntityManager } from 'typeorm';
import type { LinkPurpose } from './email.token.ts';

/** A link that was mailed; the secret itself is not stored. */
export interface EmailToken {
  readonly hash: Buffer;
  readonly userId: string;
  readonly purpose: LinkPurpose;
  /** The address it was sent to. */
  readonly email: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The table of mailed links; it has no tenant, since people reset passwords before a workspace is known. */
export const createEmailTokenStore = (manager: EntityManager) => ({
  async add({ hash, userId, purpose, email, createdAt, expiresAt }: EmailToken): Promise<void> {
    await manager.query(
      `insert into email_tokens (hash, user_id, purpose, email, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
      [hash, userId, purpose, email, createdAt, expiresAt],
    );
  },
  async find(hash: Buffer, purpose: LinkPurpose, now: Date): Promise<{ userId: string; email: string } | undefined> {
    const [row]: [{ userId: string; email: string } | undefined] = await manager.query(
      `select user_id as "userId", email from email_tokens where hash = $1 and purpose = $2 and expires_at > $3`,
      [hash, purpose, now],
    );
    return row;
  },
  /** Uses a link up. @returns whether it was still there */
  async spend(hash: Buffer): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(`delete from email_tokens where hash = $1`, [hash]);
    return count === 1;
  },
  /** Makes every other link of that kind useless. */
  async forget(userId: string, purpose: LinkPurpose): Promise<void> {
    await manager.query(`delete from email_tokens where user_id = $1 and purpose = $2`, [userId, purpose]);
  },
  async forgetExpired(userId: string, now: Date): Promise<void> {
    await manager.query(`delete from email_tokens where user_id = $1 and expires_at <= $2`, [userId, now]);
  },
});
export type EmailTokenStore = ReturnType<typeof createEmailTokenStore>;
