/** Mutating operations that take no Idempotency-Key although they are POSTs of somebody known, and why. By operation id. */
export const unkeyed: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'inviteMember',
      'switchWorkspace',
      'enrolTotp',
      'confirmTotp',
      'renewRecoveryCodes',
      'createApiKey',
      'rotateApiKey',
    ].map((id) => [id, 'the answer shows a secret once, so it is not kept to be given again']),
  ),
  beginPasskey: 'gives a challenge that lasts minutes; another one changes nothing',
  beginPasskeyReauthentication: 'gives a challenge that lasts minutes; another one changes nothing',
  beginCard: 'the answer is a page to save a card on, good for a while; Stripe is asked under the key that was sent',
  beginSubscription: 'the answer is a page to pay on, good for a while; Stripe is asked under the key that was sent',
  openPortal: 'the answer is a page that is good for minutes; another one changes nothing',
  uploadDocument: 'the body is a file, which is not read twice to be compared; a second upload is a second document',
  uploadVersion: 'the body is a file, which is not read twice to be compared; a second upload is a second version',
};

/** Operations that take a key and need what the harness cannot make. */
export const unmade: Readonly<Record<string, string>> = {
  addPasskey: 'needs a signature of an authenticator; each challenge is taken once, tested in services/auth/test',
  beginTopUp: 'needs cards, which the harness has not; tested against the fake in services/billing/test',
  cancelPayment: 'needs a payment that is under way at Stripe; tested against the fake in services/billing/test',
  reauthenticateWithPasskey: 'needs a signature of an authenticator; each challenge is taken once',
};

/** Internal POSTs that take no key. By path. */
export const unkeyedInside: Readonly<Record<string, string>> = {
  '/internal/tokens': 'hands out a token and changes nothing',
  '/internal/api-keys/exchange': 'hands out a token; the time of last use is all it writes',
};

/** Operations that end the session they are called with: whoever asks again is told 401, and nothing is done twice. */
export const endsSession: Readonly<Record<string, string>> = {
  logout: 'the session is gone',
  logoutEverywhere: 'all sessions are gone',
  leaveWorkspace: 'the membership that the token was for is gone',
};

/** Operations whose rows depend on how far something in the background came, so that rows are not compared. */
export const racing: Readonly<Record<string, string>> = {
  cancelRun: 'the run may have said more or less before it was cancelled',
};

/** Operations with a limit of their own on how many may try at once. */
export const limited: Readonly<Record<string, string>> = {
  reauthenticate: 'guesses and hashes at once are limited; whoever is told 429 or 503 asks again with the key',
};

/** Operations whose other body has to be a wrong one. */
export const secretOnly: Readonly<Record<string, string>> = {
  reauthenticate: "the body is the person's password, and there is one",
  acceptInvitation: 'the key is kept in the workspace that is joined, so an invitation to another has keys of its own',
};
