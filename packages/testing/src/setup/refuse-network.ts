import net from 'node:net';

/** Tests talk to this machine only: any other address is refused before a packet leaves. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

const guarded = Symbol.for('atrium.refuse-network');
const sockets: net.Socket & { [guarded]?: boolean } = net.Socket.prototype;

// One process runs many test files, and all of them share Node's own modules.
if (!sockets[guarded]) {
  sockets[guarded] = true;
  const connect = sockets.connect;
  sockets.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
    const head: unknown = args[0];
    const first: unknown = Array.isArray(head) ? head[0] : head;
    const host = typeof first === 'object' && first !== null && 'host' in first ? first.host : undefined;
    if (typeof host === 'string' && !isLoopback(host)) {
      throw new Error(`a test tried to reach ${host}; tests reach this machine only`);
    }
    return Reflect.apply(connect, this, args) as net.Socket;
  };
}
