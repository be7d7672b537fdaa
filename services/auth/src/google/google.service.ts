import { conflict, DomainError, outsideWorkspaces, type Transactional } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import { NO_PASSWORD } from '../passwords/password.hasher.ts';
import { registrationClosed, type RegistrationMode } from '../registration/registration.mode.ts';
import type { GoogleVisit } from './google.flow.ts';
import { decideLink } from './google.link.ts';
import type { IdentityStore } from './identity.store.ts';

/** What one transaction of this feature works with. */
export interface GoogleUnit {
  readonly accounts: AccountService;
  readonly identities: IdentityStore;
}

/** Turns Google accounts into users here. */
export const createGoogleService = (parts: {
  units: Transactional<GoogleUnit>;
  registration: RegistrationMode;
  now: () => Date;
  newId: () => string;
}) => {
  const { units, now, newId } = parts;
  const identityOf = ({ sub, email }: GoogleVisit['profile'], userId: string) => ({
    subject: sub,
    email,
    userId,
    linkedAt: now(),
  });

  const create = async (profile: GoogleVisit['profile']): Promise<string> => {
    if (parts.registration === 'closed') throw registrationClosed();
    const [userId, workspaceId] = [newId(), newId()];
    const { email, name } = profile;
    await units.prepare({ workspaceId, userId }, async ({ accounts, identities }) => {
      // Asking for a new password by mail sets the first.
      await accounts.add(userId, NO_PASSWORD, { email, name, locale: 'en', timeZone: 'UTC' }, true);
      await identities.add(identityOf(profile, userId));
    });
    return userId;
  };

  return {
    /** @returns whom they sign in as @throws DomainError 403 `auth.google_email_unverified`, 409 `auth.google_link_required` */
    async resolve({ profile }: GoogleVisit): Promise<string> {
      const facts = await units.read(outsideWorkspaces(), async ({ accounts, identities }) => {
        const linkedTo = await identities.ownerOf(profile.sub);
        const local = await accounts.findByEmail(profile.email);
        return { linkedTo, local: local ? { userId: local.id, verified: local.emailVerifiedAt !== null } : undefined };
      });
      const decision = decideLink({ ...facts, emailVerified: profile.emailVerified });
      switch (decision.act) {
        case 'enter':
          return decision.userId;
        case 'create':
          return create(profile);
        case 'link':
          await units.prepare(outsideWorkspaces(decision.userId), ({ identities }) =>
            identities.add(identityOf(profile, decision.userId)),
          );
          return decision.userId;
        case 'refuse_unverified':
          throw new DomainError(
            'auth.google_email_unverified',
            403,
            'Google has not verified this address. Verify it there.',
          );
        case 'ask_owner':
          throw conflict(
            'auth.google_link_required',
            'There is an account with this address. Sign in to it, then begin again with purpose=link.',
          );
      }
    },

    /** Links a Google account to somebody who is signed in; twice changes nothing. @throws DomainError 409 */
    async link({ profile }: GoogleVisit, userId: string): Promise<void> {
      await units.run(outsideWorkspaces(userId), async ({ identities }) => {
        const owner = await identities.ownerOf(profile.sub);
        if (owner === userId) return;
        if (owner !== undefined)
          throw conflict('auth.google_linked_elsewhere', 'This Google account belongs to another account here.');
        await identities.add(identityOf(profile, userId));
      });
    },
  };
};
export type GoogleService = ReturnType<typeof createGoogleService>;
