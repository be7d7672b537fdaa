import { createPrivateKey, type KeyObject } from 'node:crypto';
import { dataKeys, flag, ServiceConfig } from '@atrium/service-kit';
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

/** Settings of auth. */
export const AuthConfig = ServiceConfig.extend({
  /** Signs access tokens. */
  JWT_PRIVATE_KEY: privateKey,
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
  /** Encrypt second-factor secrets at rest; without them there is no second factor. */
  DATA_KEYS: dataKeys.optional(),
});
