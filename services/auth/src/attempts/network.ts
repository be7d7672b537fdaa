import { isIP } from 'node:net';

/**
 * The network that attempts are counted for: an IPv4 address, or the /64 of an IPv6 address, since one subscriber has
 * that many.
 */
export const networkOf = (ip: string | null): string => {
  if (ip === null || isIP(ip) !== 6) return ip ?? 'unknown';
  const [head = '', tail] = ip.toLowerCase().split('::');
  const words = (text: string): string[] => text.split(':').filter(Boolean);
  const [left, right] = [words(head), words(tail ?? '')];
  // Dotted IPv4 at the end takes the room of two groups.
  const dotted = (right.at(-1) ?? left.at(-1) ?? '').includes('.') ? 1 : 0;
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length - dotted;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
};
