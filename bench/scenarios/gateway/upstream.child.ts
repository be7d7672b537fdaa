import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { answerCalls } from '../../harness/answer.calls.ts';

/**
 * The service behind the gateways, as cheap as one can be: it looks for the end of each request's head and writes the
 * same small JSON page. An HTTP server of Node's would take more of the load generator's core than the generator.
 */
const body = JSON.stringify({
  data: Array.from({ length: 4 }, (_, at) => ({ id: `018f-${at}`, title: 'The title of a document', status: 'ready' })),
  nextCursor: null,
});
const answer = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'content-type: application/json; charset=utf-8',
    'cache-control: no-store',
    'date: Thu, 01 Jan 2026 00:00:00 GMT',
    'connection: keep-alive',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n'),
);
const END = '\r\n\r\n';

let served = 0;
const server = createServer((socket) => {
  let rest = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf(END); end >= 0; end = rest.indexOf(END)) {
      rest = rest.slice(end + END.length);
      served += 1;
      socket.write(answer);
    }
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

answerCalls({
  address: () => Promise.resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`),
  served: () => Promise.resolve(served),
});
