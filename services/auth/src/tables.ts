import { ApiKeyEntity } from './api-keys/api-key.entity.ts';
import { ApiKeys1772000000001 } from './api-keys/api-key.migration.ts';
import { AuditByTime1777000000004 } from './audit/audit.index.migration.ts';
import { Audit1772000000000 } from './audit/audit.migration.ts';
import { ExternalIdentityEntity } from './google/identity.entity.ts';
import { InvitationEntity } from './invitations/invitation.entity.ts';
import { SigningKeys1772000000002 } from './keys/key.migration.ts';
import { RecoveryCodeEntity, SessionProofEntity, TotpFactorEntity } from './mfa/mfa.entity.ts';
import { Accounts1763700000000 } from './migrations/accounts.migration.ts';
import { Emails1770000001000 } from './migrations/emails.migration.ts';
import { Erasure1775000000003 } from './migrations/erasure.migration.ts';
import { Factors1773000000000 } from './migrations/factors.migration.ts';
import { Identities1773000000001 } from './migrations/identities.migration.ts';
import { Sessions1770000000000 } from './migrations/sessions.migration.ts';
import { Workspaces1771000000000 } from './migrations/workspaces.migration.ts';
import { Passkeys1774000000000 } from './migrations/passkeys.migration.ts';
import { PasskeyEntity } from './passkeys/passkey.entity.ts';
import { PreferenceEntity, ProfileEntity } from './profiles/profile.entity.ts';
import { RefreshTokenEntity, SessionEntity } from './sessions/session.entity.ts';
import { UserEntity } from './users/user.entity.ts';
import { MemberEntity, WorkspaceEntity } from './workspaces/workspace.entity.ts';

/** What auth keeps: its entities, how their tables came to be, and which of them belong to no workspace. */
export const tables = {
  entities: [
    ...[UserEntity, WorkspaceEntity, MemberEntity, SessionEntity, RefreshTokenEntity, ApiKeyEntity],
    ...[InvitationEntity, ProfileEntity, PreferenceEntity],
    ...[TotpFactorEntity, RecoveryCodeEntity, SessionProofEntity, ExternalIdentityEntity, PasskeyEntity],
  ],
  migrations: [
    ...[Accounts1763700000000, Sessions1770000000000, Emails1770000001000, Workspaces1771000000000],
    ...[Audit1772000000000, ApiKeys1772000000001, SigningKeys1772000000002],
    ...[Factors1773000000000, Identities1773000000001, Passkeys1774000000000],
    ...[Erasure1775000000003, AuditByTime1777000000004],
  ],
  shared: [
    ...['users', 'sessions', 'refresh_tokens', 'revocations', 'email_tokens', 'profiles', 'preferences'],
    ...['totp_factors', 'recovery_codes', 'session_proofs', 'external_identities', 'signing_keys', 'passkeys'],
    ...['erasures', 'erasure_reports', 'member_history'],
  ],
};
