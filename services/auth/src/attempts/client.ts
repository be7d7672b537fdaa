import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Who is at the other end, as a session remembers them. */
export interface Client {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** What is read of a request. */
interface Caller {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}
export type ClientOf = (caller: Caller) => Client;

const plain = (text: string | undefined): string | null => {
  const address = (text ?? '')
    .trim()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) > 0 ? address : null;
};

/** @param trusted whether the peer is our own gateway, whose X-Forwarded-For is believed: its last entry is its own */
export const createClientOf =
  (trusted: boolean): ClientOf =>
  ({ headers, socket }) => {
    const forwarded = trusted
      ? String(headers['x-forwarded-for'] ?? '')
          .split(',')
          .at(-1)
      : undefined;
    return {
      ip: plain(forwarded) ?? plain(socket.remoteAddress),
      userAgent: headers['user-agent']?.slice(0, 500) ?? null,
    };
  };

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
