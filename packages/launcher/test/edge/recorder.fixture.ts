import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** How many headers of that name came. */
  readonly raw: readonly string[];
  readonly bytes: number;
}

/** Stands behind nginx in the gateway's place and writes down what arrives. */
export const startRecorder = async () => {
  const seen: Recorded[] = [];
  const server = createServer({ requireHostHeader: false }, async (req, res) => {
    let bytes = 0;
    try {
      for await (const chunk of req) bytes += (chunk as Buffer).length;
    } catch {
      return;
    }
    const { method = '', url = '', headers, rawHeaders } = req;
    if (url !== '/health/live') seen.push({ method, url, headers, raw: rawHeaders, bytes });
    if (url.startsWith('/edge/admission')) return void res.writeHead(204).end();
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ url, bytes }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
export type Recorder = Awaited<ReturnType<typeof startRecorder>>;
