import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a server saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (seen: Seen, res: ServerResponse, req: IncomingMessage) => void | Promise<void>;

/** A server of this machine that answers as a test says and remembers what it was asked. */
export const serve = async (answer: Answer) => {
  const seen: Seen[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      void answer(one, res, req);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

export const json = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void =>
  void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const problem = (
  res: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void => json(res, status, { status, code, detail: 'No.', requestId: 'r-1' }, headers);

export const TOKENS = { accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 };
/** Pauses that a test need not wait for. */
export const AT_ONCE = { baseMs: 1 };
