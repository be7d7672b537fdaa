import { EmailVerified } from '@atrium/contracts';
import { DomainError, noteAudit, type JobQueue, type Outbox } from '@atrium/service-kit';
import { writeLetter, type Letter } from '../mail/letter.ts';
import type { SessionService } from '../sessions/session.service.ts';
import type { User } from '../users/user.entity.ts';
import { Locale } from '../users/user.schema.ts';
import type { UserStore } from '../users/user.store.ts';
import { accountMail, type AccountMail } from './account.mail.ts';
import { letters } from './email.letters.ts';
import { hashLinkToken, linkHours, linkTo, newLinkToken, type LinkPurpose } from './email.token.ts';
import type { EmailTokenStore } from './email.token.store.ts';

const linkInvalid = (): DomainError =>
  new DomainError('auth.link_invalid', 400, 'The link was used, has expired, or was never sent. Ask for a new one.');
export const wrongPassword = (): DomainError =>
  new DomainError('auth.wrong_password', 403, 'The current password is not right.');

/** The rules of addresses and forgotten passwords, inside one transaction. */
export const createEmailService = (parts: {
  users: UserStore;
  tokens: EmailTokenStore;
  sessions: SessionService;
  outbox: Outbox;
  jobs: JobQueue;
  appUrl: string;
  now: () => Date;
}) => {
  const { users, tokens, sessions, outbox, jobs, now } = parts;

  const markVerified = async (user: User): Promise<void> => {
    if (user.emailVerifiedAt) return;
    const verifiedAt = now();
    await users.update(user.id, { emailVerifiedAt: verifiedAt });
    const { id: userId, email } = user;
    await outbox.add(EmailVerified, userId, { userId, email, verifiedAt: verifiedAt.toISOString() });
  };

  /** The user a link was sent to, as long as the address is still theirs. */
  const ownerOf = async (token: string, purpose: LinkPurpose): Promise<User> => {
    const sent = await tokens.find(hashLinkToken(token), purpose, now());
    const user = sent && (await users.find(sent.userId));
    if (!user || user.disabledAt || user.email !== sent.email) throw linkInvalid();
    noteAudit({ userId: user.id });
    return user;
  };

  const setPassword = async (user: User, passwordHash: string): Promise<void> => {
    await users.update(user.id, { passwordHash });
    await tokens.forget(user.id, 'reset_password');
    await jobs.add(accountMail, { mail: 'password_changed', email: user.email });
  };

  const link = async ({ id: userId, email }: User, purpose: LinkPurpose): Promise<string> => {
    const [token, createdAt] = [newLinkToken(), now()];
    const expiresAt = new Date(createdAt.getTime() + linkHours[purpose] * 3_600_000);
    await tokens.forgetExpired(userId, createdAt);
    await tokens.add({ hash: hashLinkToken(token), userId, purpose, email, createdAt, expiresAt });
    return linkTo(parts.appUrl, purpose, token);
  };

  return {
    ownerOf,
    find: users.find,

    /** Has a mail sent after the commit. It costs the same whether anybody has the address: the job finds that out. */
    ask: (mail: AccountMail['mail'], email: string) => jobs.add(accountMail, { mail, email }),

    /** Writes a mail of an account, with a link of its own. Nothing for an address that nobody has. */
    async write({ mail, email }: AccountMail): Promise<Letter | undefined> {
      const user = await users.findByEmail(email);
      if (!user || user.disabledAt || (mail === 'verify_email' && user.emailVerifiedAt)) return undefined;
      const common = { to: email, locale: Locale.parse(user.locale) };
      if (mail === 'password_changed') return writeLetter(letters[mail], { ...common, values: { name: user.name } });
      const purpose = mail === 'account_exists' ? 'reset_password' : mail;
      const values = { name: user.name, hours: String(linkHours[purpose]) };
      return writeLetter(letters[mail], { ...common, values, link: await link(user, purpose) });
    },

    /** @throws DomainError 400 `auth.link_invalid` */
    async verify(token: string): Promise<void> {
      const user = await ownerOf(token, 'verify_email');
      // Of two at once, one finds it gone.
      if (!(await tokens.spend(hashLinkToken(token)))) throw linkInvalid();
      await tokens.forget(user.id, 'verify_email');
      await markVerified(user);
    },

    /** Sets a new password by a mailed link and ends every session. Who reads the mail has shown whose address it is. */
    async reset(token: string, passwordHash: string): Promise<void> {
      const { id } = await ownerOf(token, 'reset_password');
      await sessions.leaveEverywhere(id, 'password');
      if (!(await tokens.spend(hashLinkToken(token)))) throw linkInvalid();
      const user = await users.find(id);
      if (!user) throw linkInvalid();
      await setPassword(user, passwordHash);
      await markVerified(user);
    },

    /**
     * Sets a new password and ends every other session.
     * @param verifiedHash the hash that the current password was checked against
     */
    async change(userId: string, verifiedHash: string, passwordHash: string, sessionId: string): Promise<void> {
      await sessions.endAll(userId, 'password', sessionId);
      const user = await users.find(userId);
      if (user?.passwordHash !== verifiedHash) throw wrongPassword();
      await setPassword(user, passwordHash);
    },
  };
};
export type EmailService = ReturnType<typeof createEmailService>;
