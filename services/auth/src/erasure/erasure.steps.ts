import { erases, holdsNobody, releases, retains, type ErasureStep } from '@atrium/service-kit';

const OF_SESSIONS = (condition: string): string => `session_id in (select id from sessions where ${condition})`;
const own = { ofPerson: 'user_id = :user' };
const ownOrOfWorkspace = { ...own, ofWorkspace: 'workspace_id = :workspace' };
const ofSessions = { ofPerson: OF_SESSIONS('user_id = :user'), ofWorkspace: OF_SESSIONS('workspace_id = :workspace') };

/** What an erasure does with each table; users and workspaces come last, since everything points to them. */
export const erasureSteps: readonly ErasureStep[] = [
  erases('email_tokens', own),
  erases('profiles', own),
  erases('preferences', own),
  erases('totp_factors', own),
  erases('recovery_codes', own),
  erases('external_identities', own),
  erases('passkeys', own),
  erases('session_proofs', ofSessions),
  erases('refresh_tokens', ofSessions),
  erases('sessions', ownOrOfWorkspace),
  erases('api_keys', { ofUser: 'user_id = :user' }),
  retains('audit_log', 'What was done to accounts and by whom is kept as evidence; no record of it can be changed.', {
    ...ownOrOfWorkspace,
    ofUser: 'user_id = :user',
  }),
  holdsNobody('audit_heads'),
  holdsNobody('signing_keys'),
  erases('invitations'),
  releases('invitations', 'invited_by = null', { ofUser: 'invited_by = :user' }),
  erases('members', { ofUser: 'user_id = :user' }),
  erases('member_history', ownOrOfWorkspace),
  retains('revocations', 'Recalled tokens are refused by these rows; they go when the tokens have expired.', {
    ofPerson: 'subject_id = :user',
  }),
  releases('erasures', 'requested_by = null', { ofPerson: 'requested_by = :user' }),
  holdsNobody('erasure_reports'),
  erases('workspaces'),
  erases('users', { ofPerson: 'id = :user' }),
];
