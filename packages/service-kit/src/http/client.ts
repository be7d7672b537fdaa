import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Who is at the other end, as sessions and the audit log remember them. */
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
