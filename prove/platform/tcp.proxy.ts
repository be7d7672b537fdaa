import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** Looks at the bytes of one connection as they pass, and may end it. */
export interface Inspector {
  /** @returns false: these bytes never reach the server, and the connection ends */
  toServer(chunk: Buffer): boolean;
  /** @returns `drop`: they never reach the client; `end`: nor will any others, the connection ends */
  toClient(chunk: Buffer): 'pass' | 'drop' | 'end';
}

/** What is wrong with the line. */
interface LineFault {
  /** Holds everything back this long, in both directions; ms. */
  readonly latencyMs?: number;
  /** Varies the latency by up to this much; ms. */
  readonly jitterMs?: number;
  /** Half-open: connections stand, and nothing passes any more. */
  readonly stalled?: boolean;
  /** Requests are delivered, and no reply comes back. */
  readonly mute?: boolean;
  /** Resets a connection once this many bytes of replies have passed. */
  readonly cutAfter?: number;
  /** Ends every connection and refuses new ones. */
  readonly refuse?: boolean;
}

/** Stands between the platform and a server it needs, and breaks the line on demand. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that stand. */
  readonly open: number;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  /** Lets everything through again. */
  mend(): void;
  /** Breaks the line in one of the ways until it is mended. */
  fault(fault: LineFault): void;
  /** Resets every connection; new ones are taken. */
  reset(): void;
  /** Goes to another server from the next connection on. */
  aim(target: { host: string; port: number }): void;
  close(): Promise<void>;
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve()));

/** Forwards bytes to `host:port` as they are. @param inspect looks at each connection; random numbers are for jitter */
export const startTcpProxy = async (
  first: { host: string; port: number },
  { inspect, next = () => 0.5 }: { inspect?: () => Inspector; next?: () => number } = {},
): Promise<TcpProxy> => {
  let target = first;
  let fault: LineFault = {};
  const pairs = new Set<() => void>();
  const held = new Set<Socket>();

  const carry = (from: Socket, to: Socket, judge: (chunk: Buffer) => boolean, end: () => void): void => {
    let due = 0;
    from.on('data', (chunk: Buffer) => {
      if (fault.stalled) {
        held.add(from.pause());
        from.unshift(chunk);
        return;
      }
      if (!judge(chunk)) return;
      const { latencyMs = 0, jitterMs = 0 } = fault;
      const pass = (): void => {
        if (to.writable && !to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      };
      if (latencyMs + jitterMs === 0 && due <= Date.now()) return pass();
      // Never before what went ahead of it.
      due = Math.max(due, Date.now() + latencyMs + (next() * 2 - 1) * jitterMs);
      setTimeout(pass, due - Date.now());
    });
    from.on('end', () => setTimeout(() => to.end(), Math.max(0, due - Date.now() + 1)));
    from.on('error', end);
    from.on('close', () => setTimeout(end, Math.max(0, due - Date.now() + 1)));
  };

  const server = createServer((client) => {
    if (fault.refuse) return void client.resetAndDestroy();
    const upstream = connect(target.port, target.host);
    const inspector = inspect?.();
    let replied = 0;
    const end = (): void => {
      pairs.delete(end);
      for (const socket of [client, upstream]) {
        held.delete(socket);
        if (!socket.destroyed) socket.resetAndDestroy();
      }
    };
    pairs.add(end);
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    const refused = (): false => (end(), false);
    carry(client, upstream, (chunk) => (inspector && !inspector.toServer(chunk) ? refused() : true), end);
    const answer = (chunk: Buffer): boolean => {
      const verdict = inspector?.toClient(chunk) ?? 'pass';
      replied += chunk.length;
      if (verdict === 'end' || (fault.cutAfter !== undefined && replied > fault.cutAfter)) return refused();
      return verdict === 'pass' && !fault.mute;
    };
    carry(upstream, client, answer, end);
  });
  await listen(server);
  const reset = (): void => pairs.forEach((end) => end());
  const set = (wanted: LineFault): void => {
    fault = wanted;
    if (wanted.refuse) reset();
    if (!wanted.stalled) {
      for (const socket of held) socket.resume();
      held.clear();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return pairs.size;
    },
    cut: () => set({ refuse: true }),
    mend: () => set({}),
    fault: set,
    reset,
    aim: (other) => void (target = other),
    async close() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
