import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that a delivery may be old, or its clock ahead. */
const TOLERANCE_SECONDS = 300;

const HEX = /^[0-9a-f]{64}$/;

const partsOf = (header: string): { at: string | undefined; signatures: string[] } => {
  const pairs = header.split(',').map((pair) => pair.trim().split('='));
  const all = (name: string) => pairs.flatMap(([key, value = '']) => (key === name ? [value] : []));
  return { at: all('t')[0], signatures: all('v1').filter((signature) => HEX.test(signature)) };
};

export type SignatureProblem = 'malformed' | 'mismatch' | 'stale';

/**
 * Checks Stripe's scheme `v1`: HMAC-SHA256 over `<t>.<body>` with the endpoint's secret as it is written. Any secret
 * and any signature may match, so that secrets can be replaced one after another.
 * @param now seconds
 * @returns what is wrong, or undefined
 */
export const checkSignature = (
  header: string,
  body: Buffer,
  secrets: readonly string[],
  now: number,
): SignatureProblem | undefined => {
  const { at, signatures } = partsOf(header);
  if (at === undefined || !/^\d{1,12}$/.test(at) || signatures.length === 0) return 'malformed';
  const matches = secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${at}.`).update(body).digest();
    return signatures.some((signature) => timingSafeEqual(expected, Buffer.from(signature, 'hex')));
  });
  if (!matches) return 'mismatch';
  return Math.abs(now - Number(at)) > TOLERANCE_SECONDS ? 'stale' : undefined;
};
