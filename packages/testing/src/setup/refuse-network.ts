import net from 'node:net';

/** Tests talk to this machine only: any other address is refused before a packet leaves. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  const head: unknown = args[0];
  const first = Array.isArray(head) ? (head as unknown[])[0] : head;
  const host = typeof first === 'object' && first !== null && 'host' in first ? first.host : undefined;
  if (typeof host === 'string' && !isLoopback(host)) {
    throw new Error(`a test tried to reach ${host}; tests reach this machine only`);
  }
  return Reflect.apply(connect, this, args) as net.Socket;
} as typeof connect;
