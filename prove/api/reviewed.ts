/** What the proofs leave out, and why; by operation id. Everything else is attacked. */

/** One's own things: another person of the same workspace must not find them either. By path prefix. */
export const privateThings: readonly string[] = ['/auth/sessions/{id}', '/auth/passkeys/{id}'];

/** Internal routes that ask for no credential: ports of services are reachable for services alone. `METHOD path`. */
export const openInside: Readonly<Record<string, string>> = {
  'GET /internal/revocations':
    'ids of sessions and users that ended, asked for by every service; no secret and no name',
};

/** Properties of a body that look like an id of something and are none. */
export const notReferences: Readonly<Record<string, string>> = {
  'changeConversationStatus.assignee':
    'a note of who takes care; nothing is read of that person, and nothing given to them',
};

/** Routes that a service serves and its document does not list; `METHOD path` as Express has it. */
export const undocumentedByDesign: Readonly<Record<string, string>> = {};

/** Mutating operations of which a success leaves no record. */
export const unaudited: Readonly<Record<string, string>> = {
  beginPasskey: 'gives a challenge and changes nothing; finishing is recorded',
  beginPasskeySignIn: 'gives a challenge and changes nothing; finishing is recorded',
  beginPasskeyReauthentication: 'gives a challenge and changes nothing; finishing is recorded',
  refreshSession: 'happens every quarter of an hour in every tab; refusals and reuse are recorded',
};

/** Tables without row-level security that statements of a tenant name, so that the predicate alone guards them. */
export const unguarded: Readonly<Record<string, string>> = {
  outbox: 'the relay reads all tenants; written in the transaction of the tenant, listed and replayed by its owners',
  jobs: 'the worker reads all tenants; written in the transaction of the tenant',
  'auth.sessions': 'they exist before a workspace is known; every statement names the user or the session as well',
  inbox: 'the consumer reads all tenants',
};
