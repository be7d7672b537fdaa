import { createHmac, hkdfSync, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';

/** How long a device is remembered after a sign-in on it. */
export const DEVICE_SECONDS = 180 * 86_400;

/**
 * Tokens of devices that an account was signed in to on (OWASP: "device cookies"). One gives its holder attempts of their
 * own while the account is guessed at from elsewhere, and nothing else: it signs nobody in.
 */
export interface DeviceTokens {
  issue(email: string): string;
  /** @returns the name of the device, or undefined unless the token is ours, young enough and of that account */
  read(token: string | undefined, email: string): string | undefined;
}

/** @param parent a key that this installation keeps; the one that signs is made of it */
export const createDeviceTokens = (parent: KeyObject, now: () => Date): DeviceTokens => {
  const der = parent.export({ type: 'pkcs8', format: 'der' });
  const key = Buffer.from(hkdfSync('sha256', der, '', 'atrium known devices', 32));
  const signatureOf = (email: string, device: string, issued: string): Buffer =>
    createHmac('sha256', key).update(`${device}.${issued}.${email}`).digest();
  const seconds = (): number => Math.floor(now().getTime() / 1000);
  return {
    issue(email) {
      const [device, issued] = [randomBytes(16).toString('base64url'), seconds().toString(36)];
      return `${device}.${issued}.${signatureOf(email, device, issued).toString('base64url')}`;
    },
    read(token, email) {
      const [, device, issued, signature] = /^([\w-]{22})\.([0-9a-z]{1,9})\.([\w-]{43})$/.exec(token ?? '') ?? [];
      if (device === undefined || issued === undefined || signature === undefined) return undefined;
      if (!timingSafeEqual(Buffer.from(signature, 'base64url'), signatureOf(email, device, issued))) return undefined;
      return seconds() - parseInt(issued, 36) < DEVICE_SECONDS ? device : undefined;
    },
  };
};
