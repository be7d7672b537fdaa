import { UserRegistered } from '@atrium/contracts';
import {
  conflict,
  DomainError,
  noteAudit,
  unauthenticated,
  type JobQueue,
  type Outbox,
  type Client,
} from '@atrium/service-kit';
import { accountMail } from '../emails/account.mail.ts';
import { registration, type Application } from '../registration/registration.job.ts';
import { registrationClosed } from '../registration/registration.mode.ts';
import type { Revocations } from '../revocations/revocation.service.ts';
import type { SessionService } from '../sessions/session.service.ts';
import type { User } from '../users/user.entity.ts';
import type { UserStore } from '../users/user.store.ts';
import type { Member } from '../workspaces/workspace.entity.ts';
import { personalWorkspaceName } from '../workspaces/workspace.name.ts';
import type { WorkspaceStore } from '../workspaces/workspace.store.ts';
import type { Register } from './account.schema.ts';
import { markOf, type FirstStep } from './first.step.ts';

const emailTaken = (): DomainError =>
  conflict('auth.email_taken', 'There is an account with this email address. Sign in instead.');

export const invalidCredentials = (): DomainError =>
  unauthenticated('auth.invalid_credentials', 'The email address or the password is not right.');

type NewAccount = Omit<Register, 'password' | 'invitation'>;

/** The rules of accounts, inside one transaction. */
export const createAccountService = (parts: {
  users: UserStore;
  workspaces: WorkspaceStore;
  sessions: SessionService;
  revocations: Pick<Revocations, 'recalledSince'>;
  outbox: Outbox;
  jobs: JobQueue;
  /** Whether the asking user, who may be of this very transaction, holds an open invitation with that token. */
  isInvited: (token: string, email: string) => Promise<boolean>;
  now: () => Date;
}) => {
  const { users, workspaces, sessions, revocations, outbox, jobs, isInvited, now } = parts;

  /** The user and their membership of the tenant, unless they are disabled or not a member. */
  const accessOf = async (userId: string): Promise<{ user: User; member: Member } | undefined> => {
    const [user, member] = [await users.find(userId), await workspaces.findMember(userId)];
    return user && !user.disabledAt && member ? { user, member } : undefined;
  };

  /**
   * Creates the user and their personal workspace, which is the tenant.
   * @param verified whether somebody trusted has said that the address is theirs
   * @throws DomainError 409 `auth.email_taken`
   */
  const add = async (userId: string, passwordHash: string, input: NewAccount, verified = false) => {
    const { email, locale, timeZone } = input;
    const createdAt = now();
    const name = input.name ?? email.split('@')[0] ?? email;
    const user: User = {
      id: userId,
      email,
      name,
      passwordHash,
      locale,
      timeZone,
      emailVerifiedAt: verified ? createdAt : null,
      disabledAt: null,
      createdAt,
    };
    if (!(await users.add(user))) throw emailTaken();
    const workspaceName = input.workspaceName ?? personalWorkspaceName(name, locale);
    const workspace = await workspaces.add({ name: workspaceName, createdAt });
    await workspaces.addMember({ userId, role: 'owner', createdAt });
    const workspaceId = workspace.id;
    await outbox.add(UserRegistered, userId, { userId, workspaceId, email, name, locale, timeZone });
    if (!verified) await jobs.add(accountMail, { mail: 'verify_email', email });
    return { user, workspace, role: 'owner' as const };
  };

  const stands = async (user: User, { passwordMark, begunAt }: FirstStep): Promise<boolean> =>
    markOf(user.passwordHash) === passwordMark &&
    (begunAt === undefined || !(await revocations.recalledSince(user.id, begunAt)));

  return {
    /** What a sign-in that begins now has to stand on until its end. */
    async firstStepOf(userId: string): Promise<Required<FirstStep> | undefined> {
      const begunAt = now();
      const user = await users.find(userId);
      return user ? { passwordMark: markOf(user.passwordHash), begunAt } : undefined;
    },
    /** Whether nothing has happened since that makes a sign-in worthless: another password, recalled rights. */
    async isStanding(userId: string, first: FirstStep): Promise<boolean> {
      const user = await users.find(userId);
      return user !== null && !user.disabledAt && (await stands(user, first));
    },
    /** The same for what is made from it: a change of rights waits until this transaction ends. */
    async holdAccess(userId: string) {
      await users.hold(userId);
      const readAt = now();
      const access = await accessOf(userId);
      return access && { ...access, readAt };
    },
    add,
    findByEmail: users.findByEmail,
    findUser: users.find,
    replaceHash: users.replaceHash,

    /** The workspace that a user signs in to, if they are in any. */
    async homeOf(userId: string): Promise<string | undefined> {
      const [first] = await workspaces.listOf(userId);
      return first?.workspace.id;
    },

    /** Has the account made, or its owner told, after the answer. */
    apply: (application: Application) => jobs.add(registration, application),

    /** Makes the account of an application; whoever has the address already is told by mail. Safe to repeat. */
    async admit({ userId, passwordHash, ...input }: Omit<Application, 'workspaceId'>): Promise<void> {
      try {
        await add(userId, passwordHash, input);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'auth.email_taken') throw error;
        if (!(await users.find(userId))) await jobs.add(accountMail, { mail: 'account_exists', email: input.email });
      }
    },

    /**
     * Creates the user, their personal workspace, which is the tenant, and their first session.
     * @param invitation what lets them in where registration is closed
     * @throws DomainError 409 `auth.email_taken`; 403 `auth.registration_closed`
     */
    async register(userId: string, passwordHash: string, input: NewAccount, client: Client, invitation?: string) {
      const added = await add(userId, passwordHash, input).catch((error: unknown) => {
        throw invitation === undefined ? error : registrationClosed();
      });
      if (invitation !== undefined && !(await isInvited(invitation, input.email))) throw registrationClosed();
      return { ...added, ...(await sessions.open(userId, added.workspace.id, client)) };
    },

    /**
     * Begins a session for a user who has proven who they are, in the workspace they have been in for longest.
     * @param refuse what to say when the first step no longer stands
     */
    async signIn(userId: string, client: Client, first?: FirstStep, refuse = invalidCredentials) {
      await users.hold(userId);
      const [user, [home]] = [await users.find(userId), await workspaces.listOf(userId)];
      noteAudit({ userId, ...(home ? { workspaceId: home.workspace.id } : {}) });
      // It may have been changed while it was checked, and that ends all sessions but not this one.
      if (user && first && !(await stands(user, first))) throw refuse();
      if (!user || user.disabledAt)
        throw new DomainError('auth.user_disabled', 403, 'This account is disabled. Ask your administrator.');
      if (!home) throw new DomainError('auth.no_workspace', 403, 'This account is not a member of any workspace.');
      const session = await sessions.open(userId, home.workspace.id, client);
      return { user, ...home, ...session };
    },

    /** @throws DomainError 401 when the session has ended or its user may no longer enter, before the token expires */
    async me(userId: string, sessionId: string | undefined) {
      const access = await accessOf(userId);
      const workspace = await workspaces.find();
      const open = sessionId === undefined || (await sessions.isOpen(sessionId));
      if (!access || !workspace || !open)
        throw unauthenticated('auth.session_ended', 'The session has ended. Sign in again.');
      const all = await workspaces.listOf(userId);
      return { user: access.user, workspace, role: access.member.role, workspaces: all };
    },
  };
};
export type AccountService = ReturnType<typeof createAccountService>;
