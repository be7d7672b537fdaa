import { isIP } from 'node:net';

/** For whom passkeys are made, and where they may be used. */
export interface PasskeySettings {
  /** A domain: passkeys made for it work on it and on what is below it. */
  readonly rpId: string;
  /** Exactly as browsers write them. */
  readonly origins: readonly string[];
}

const LOOPBACK = ['127.0.0.1', '[::1]'];
const isLocal = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');
/** What Android calls an app, which has no address. */
const isApp = (origin: string): boolean => origin.startsWith('android:apk-key-hash:');

/** Whether browsers let pages of this origin use passkeys of that domain. */
const fits = (origin: string, rpId: string): boolean => {
  if (isApp(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { hostname, protocol } = new URL(origin);
  const below = hostname === rpId || hostname.endsWith(`.${rpId}`);
  return below && (protocol === 'https:' || (protocol === 'http:' && isLocal(hostname)));
};

/**
 * Browsers know passkeys by domain and never by address, so an app at a loopback address is taken to be `localhost`.
 * @returns undefined where there can be none: no domain, or no origin of it over https
 * @throws Error naming the origin that was set and can never work
 */
export const passkeySettings = (options: {
  appUrl: string;
  rpId: string | undefined;
  origins: readonly string[];
  corsOrigins: readonly string[];
}): PasskeySettings | undefined => {
  const app = new URL(options.appUrl);
  if (LOOPBACK.includes(app.hostname)) app.hostname = 'localhost';
  const rpId = options.rpId ?? app.hostname;
  const foreign = options.origins.find((origin) => !fits(origin, rpId));
  if (foreign !== undefined)
    throw new Error(`PASSKEY_ORIGINS: ${foreign} is not https, or not at or below PASSKEY_RP_ID, which is ${rpId}.`);
  if (isIP(rpId.replace(/^\[|\]$/g, '')) > 0) return undefined;
  const chosen = options.origins.length > 0 ? options.origins : [app.origin, ...options.corsOrigins];
  const origins = chosen
    .filter((origin) => fits(origin, rpId))
    .map((origin) => (isApp(origin) ? origin : new URL(origin).origin));
  return origins.length > 0 ? { rpId, origins: [...new Set(origins)] } : undefined;
};
