import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const WORDS: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '::1/128', 'fc00::/7'],
};

/** An address without the IPv6 wrapping that dual-stack sockets put around IPv4; empty when it is none. */
export const plainAddress = (text: string): string => {
  const address = text.trim().replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv4(address) || isIPv6(address) ? address : '';
};

/** What one household or machine counts as: an IPv4 address, or the /64 network of an IPv6 one (RFC 6177). */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const size = (groups: string[]): number => groups.length + (groups.at(-1)?.includes('.') ? 1 : 0);
  const gap = tail === undefined ? 0 : Math.max(0, 8 - size(before) - size(after));
  const groups = [...before, ...Array<string>(gap).fill('0'), ...after];
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${network.join(':')}::/64`;
};

/** @throws Error naming an entry that is no address, network or known word */
const trusting = (entries: readonly string[]): ((address: string) => boolean) => {
  const trusted = new BlockList();
  for (const entry of entries.flatMap((one) => WORDS[one] ?? [one])) {
    const [address = '', bits] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
    const prefix = bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits);
    if (!family || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 'ipv4' ? 32 : 128))
      throw new Error(`TRUST_PROXY: "${entry}" is no address, network, \`loopback\` or \`private\``);
    trusted.addSubnet(address, prefix, family);
  }
  return (address) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
};

/** Where a request came from, as far as it can be believed. */
export interface Caller {
  readonly address: string;
  readonly proto: string;
  readonly host: string;
}

const last = (header: string | string[] | undefined): string =>
  String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim() ?? '';

/**
 * Tells who called. X-Forwarded-For is read from its end, as long as the one who wrote an entry is trusted, so that
 * a client cannot choose its own address.
 * @param entries proxies in front of the gateway
 */
export const createCallerReader = (entries: readonly string[]): ((req: IncomingMessage) => Caller) => {
  const isTrusted = entries.length > 0 ? trusting(entries) : () => false;
  return ({ socket, headers }) => {
    const peer = plainAddress(socket.remoteAddress ?? '');
    const host = headers.host ?? '';
    if (entries.length === 0 || !isTrusted(peer)) return { address: peer, proto: 'http', host };
    let address = peer;
    for (const hop of String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .reverse()) {
      const known = plainAddress(hop);
      if (known === '') break;
      address = known;
      if (!isTrusted(known)) break;
    }
    return {
      address,
      proto: last(headers['x-forwarded-proto']) === 'https' ? 'https' : 'http',
      host: last(headers['x-forwarded-host']) || host,
    };
  };
};
