import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a server outside is: well; answers 500; takes requests and never answers; fails every second one. */
export type Health = 'well' | 'errors' | 'hang' | 'half';

/** Stands before an HTTP server outside, such as a model's, and can be ill. */
export interface FlakyServer {
  readonly url: string;
  /** When each request came, by `performance.now()`. */
  readonly calls: number[];
  become(health: Health): void;
  close(): Promise<void>;
}

export const startFlakyServer = async (target: string): Promise<FlakyServer> => {
  let health: Health = 'well';
  const calls: number[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer((req, res) => {
    calls.push(performance.now());
    if (health === 'hang') return void req.resume();
    if (health === 'errors' || (health === 'half' && calls.length % 2 === 0)) {
      req.resume();
      return void res.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"ill"}}');
    }
    const { url: path, method, headers } = req;
    const onward = request({ hostname, port, path, method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    become: (next) => void (health = next),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
