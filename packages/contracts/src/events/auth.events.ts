import { z } from 'zod';
import { defineEvent } from '../event.ts';

/** A person signed up; their personal workspace exists. */
export const UserRegistered = defineEvent(
  'auth.user.registered',
  1,
  z.object({
    userId: z.uuid(),
    workspaceId: z.uuid(),
    email: z.email(),
    name: z.string(),
    locale: z.string(),
    timeZone: z.string(),
  }),
);

/** Somebody showed that they read the mail of the user's address. */
export const EmailVerified = defineEvent(
  'auth.user.email_verified',
  1,
  z.object({ userId: z.uuid(), email: z.email(), verifiedAt: z.iso.datetime() }),
);

/** A spent refresh token came back, so two parties held it; the session was ended. */
export const SessionReuseDetected = defineEvent(
  'auth.session.reuse_detected',
  1,
  z.object({
    userId: z.uuid(),
    sessionId: z.uuid(),
    detectedAt: z.iso.datetime(),
    /** Who presented the token. */
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
  }),
  { live: 'user' },
);

/** The counter of a passkey did not grow, so there may be a copy of its authenticator; the use was refused. */
export const PasskeyCopied = defineEvent(
  'auth.passkey.copied',
  1,
  z.object({
    userId: z.uuid(),
    passkeyId: z.uuid(),
    name: z.string(),
    detectedAt: z.iso.datetime(),
    /** Who presented it. */
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
  }),
  { live: 'user' },
);
