import { createPrivateKey, type KeyObject } from 'node:crypto';
import { flag, ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';

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

/** `version:base64` pairs, so that keys can be changed while older ones still open what they sealed. */
const encryptionKeys = z.string().transform((text, context): ReadonlyMap<number, Buffer> => {
  const pairs = text.split(',').map((pair) => /^\s*([1-9]\d{0,5}):([A-Za-z0-9+/]{43}=)\s*$/.exec(pair));
  const keys = new Map(pairs.map((pair) => [Number(pair?.[1]), Buffer.from(pair?.[2] ?? '', 'base64')]));
  if (pairs.every(Boolean) && keys.size === pairs.length) return keys;
  context.addIssue('must be 1:key,2:key and so on, each key being 32 random bytes in base64');
  return z.NEVER;
});

/** Settings of auth. */
export const AuthConfig = ServiceConfig.extend({
  /** The first key that signs access tokens; later ones are made by `./atrium keys rotate`. */
  JWT_PRIVATE_KEY: privateKey,
  /** What the stored signing keys are encrypted with; a key made of JWT_PRIVATE_KEY when absent. */
  KEY_ENCRYPTION_KEYS: encryptionKeys.default(new Map()),
  /** Credential of each service that may ask for delegated tokens. */
  SERVICE_SECRETS: secrets,
  /** Whether X-Forwarded-For names the client; yes where only the gateway reaches this port. */
  TRUST_PROXY: flag(true),
  /** Failed sign-ins of one account within the window before more are refused. */
  LOGIN_ATTEMPTS_PER_ACCOUNT: z.coerce.number().int().min(1).max(10_000).default(10),
  /** Failed sign-ins from one address (IPv6: from one /64) within the window before more are refused. */
  LOGIN_ATTEMPTS_PER_ADDRESS: z.coerce.number().int().min(1).max(1_000_000).default(100),
  /** Length of that window. */
  LOGIN_WINDOW_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
});
export type AuthConfig = z.infer<typeof AuthConfig>;
