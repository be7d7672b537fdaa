import { createHmac } from 'node:crypto';

const STEP_SECONDS = 30;
const DIGITS = 6;
/** Steps that a clock may be off, each way. */
const SKEW = 1;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 base 32 without padding, as authenticator apps take it. */
export const toBase32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[parseInt(five.padEnd(5, '0'), 2)] ?? '').join('');
};

/** The step that a moment is in. */
export const stepAt = (at: Date): number => Math.floor(at.getTime() / 1000 / STEP_SECONDS);

/** The code of a step: RFC 6238 with SHA-1, six digits, which is what authenticator apps speak. */
export const codeOf = (secret: Buffer, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, '0');
};

/** @returns the step of a right code that is newer than `lastStep`, the one last used; undefined for every other code */
export const acceptCode = (secret: Buffer, code: string, at: Date, lastStep: number): number | undefined => {
  const current = stepAt(at);
  const steps = Array.from({ length: 2 * SKEW + 1 }, (_, place) => current - SKEW + place);
  return steps.find((step) => step > lastStep && codeOf(secret, step) === code);
};

/** What an authenticator app reads from a QR code. */
export const otpauthUrl = (secret: Buffer, email: string): string =>
  `otpauth://totp/${encodeURIComponent(`Atrium:${email}`)}?secret=${toBase32(secret)}&issuer=Atrium`;
