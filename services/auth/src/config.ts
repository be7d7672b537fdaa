import { createPrivateKey, type KeyObject } from 'node:crypto';
import { dataKeys, list, ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';
import { RegistrationMode } from './registration/registration.mode.ts';

/** A setting is one line in many places, so a PEM's line breaks may be written as `\n`. */
const privateKey = z.string().transform((pem, context): KeyObject => {
  try {
    const key = createPrivateKey(pem.replaceAll('\\n', '\n'));
    if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // Said below, without repeating any of the secret.
  }
  context.addIssue('must be a private key on the curve P-256, as PEM');
  return z.NEVER;
});

const secrets = z.string().transform((json, context): Record<string, string> => {
  const read = (): unknown => {
    try {
      return JSON.parse(json);
    } catch {
      return undefined;
    }
  };
  const parsed = z.record(z.string(), z.string().min(16)).safeParse(read());
  if (parsed.success) return parsed.data;
  context.addIssue('must be JSON of the form {"service": "secret of 16 or more characters"}');
  return z.NEVER;
});

const seconds = (fallback: number, least = 1) => z.coerce.number().int().min(least).max(315_360_000).default(fallback);

/** Settings of auth. */
export const AuthConfig = ServiceConfig.extend({
  /** The first key that signs access tokens; later ones are made by `./atrium keys rotate`. */
  JWT_PRIVATE_KEY: privateKey,
  /** Credential of each service that may ask for delegated tokens. */
  SERVICE_SECRETS: secrets,
  /** Origins of browsers that may call, as the gateway has them; their pages may keep a refresh token in a cookie. */
  CORS_ORIGINS: list,
  /** Failed sign-ins of one account within the window before more are refused. */
  LOGIN_ATTEMPTS_PER_ACCOUNT: z.coerce.number().int().min(1).max(10_000).default(10),
  /** Failed sign-ins from one address (IPv6: from one /64) within the window before more are refused. */
  LOGIN_ATTEMPTS_PER_ADDRESS: z.coerce.number().int().min(1).max(1_000_000).default(100),
  /** Length of that window. */
  LOGIN_WINDOW_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
  /** Accounts made from one address (IPv6: from one /64), and tries to make one for one email, within that window. */
  REGISTRATIONS_PER_ADDRESS: z.coerce.number().int().min(1).max(1_000_000).default(200),
  REGISTRATIONS_PER_ACCOUNT: z.coerce.number().int().min(1).max(10_000).default(20),
  /** Calls of any other route that needs no token, or wrong secrets sent there, from one address within that window. */
  PUBLIC_CALLS_PER_ADDRESS: z.coerce.number().int().min(1).max(1_000_000).default(300),
  /** Passwords hashed at once; as many as there are cores when absent. */
  PASSWORDS_AT_ONCE: z.coerce.number().int().min(1).max(64).optional(),
  /** How many more may wait for it before sign-ins are refused with 503; four for each of those when absent. */
  PASSWORDS_WAITING: z.coerce.number().int().min(0).max(10_000).optional(),
  /** Workspaces one person may own. */
  WORKSPACES_PER_OWNER: z.coerce.number().int().min(1).max(10_000).default(50),
  /** Days that an invitation can be accepted. */
  INVITATION_DAYS: z.coerce.number().int().min(1).max(90).default(7),
  /** Seconds after which a session ends however much it is used; 0 for no limit. */
  SESSION_MAX_AGE_SECONDS: seconds(90 * 86_400, 0),
  /** Seconds without a refresh after which a session ends; also the life of a refresh token. */
  SESSION_IDLE_SECONDS: seconds(7 * 86_400),
  /** Open sessions of one user; signing in once more ends the one unused for longest. 0 for no limit. */
  SESSIONS_PER_USER: z.coerce.number().int().min(0).max(10_000).default(50),
  /** Mail server, such as `smtps://user:password@mail.example.com`; without it mails are written to MAIL_DIR. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** Who may make an account: `open` to all, `by-mail` (with a mail server: the better one), or `closed` but to the invited. */
  REGISTRATION: RegistrationMode.default('open'),
  /** Sender of mails. */
  MAIL_FROM: z.string().default('Atrium <no-reply@atrium.invalid>'),
  /** Folder for mails where there is no server. */
  MAIL_DIR: z.string().optional(),
  /** Where the pages that mailed links lead to are: `/verify-email` and `/reset-password`. */
  APP_URL: z.url().default('http://127.0.0.1:8000'),
  /** Domain that passkeys are made for; that of APP_URL when absent, and `localhost` for a loopback address. */
  PASSKEY_RP_ID: z.hostname().optional(),
  /** Origins whose pages and apps may use them; that of APP_URL and those of CORS_ORIGINS below the domain when absent. */
  PASSKEY_ORIGINS: list,
  /** Mails to one account, and asked for from one address, within LOGIN_WINDOW_SECONDS. */
  MAILS_PER_ACCOUNT: z.coerce.number().int().min(1).max(1_000).default(5),
  MAILS_PER_ADDRESS: z.coerce.number().int().min(1).max(100_000).default(30),
  /**
   * Encrypt second-factor secrets and signing keys at rest. Without them there is no second factor, and signing keys
   * are encrypted with a key made of JWT_PRIVATE_KEY.
   */
  DATA_KEYS: dataKeys.optional(),
  /** Where the other services answer: their parts of the audit log are read there. */
  AGENT_URL: z.url().default('http://127.0.0.1:8002'),
  DOCUMENT_URL: z.url().default('http://127.0.0.1:8003'),
  BILLING_URL: z.url().default('http://127.0.0.1:8004'),
  /** Where calendar answers; it also takes what people allow at Google. */
  CALENDAR_URL: z.url().default('http://127.0.0.1:8005'),
  /** OAuth client at Google; without it there is no sign-in with Google. */
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  /** The address registered there: where the outside world reaches `/api/v1/auth/google/callback`. */
  GOOGLE_CALLBACK_URL: z.url().optional(),
  /** Google's own endpoints. */
  GOOGLE_AUTHORIZATION_URL: z.url().default('https://accounts.google.com/o/oauth2/v2/auth'),
  GOOGLE_TOKEN_URL: z.url().default('https://oauth2.googleapis.com/token'),
  GOOGLE_PROFILE_URL: z
    .url()
    .refine((url) => new URL(url).pathname.endsWith('/userinfo'), 'must end in /userinfo')
    .default('https://openidconnect.googleapis.com/v1/userinfo'),
});

export type AuthConfig = z.infer<typeof AuthConfig>;

/** How Google is reached; undefined when a setting is missing. */
export const googleSettings = (config: AuthConfig) => {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret, GOOGLE_CALLBACK_URL: callbackUrl } = config;
  if (!clientId || !clientSecret || !callbackUrl) return undefined;
  return {
    clientId,
    clientSecret,
    callbackUrl,
    authorizationUrl: config.GOOGLE_AUTHORIZATION_URL,
    tokenUrl: config.GOOGLE_TOKEN_URL,
    profileUrl: config.GOOGLE_PROFILE_URL,
  };
};
