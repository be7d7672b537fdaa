import { Agent, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { drain, listen, portOf } from '../src/index.ts';

const open: Server[] = [];
const serve = async (handle: (req: IncomingMessage, res: ServerResponse) => void): Promise<Server> => {
  const server = await listen(handle, '127.0.0.1', 0);
  open.push(server);
  return server;
};
afterEach(() => {
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

const ask = (server: { port: number }, agent: Agent, path = '/'): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: server.port, path, agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer));
    }).once('error', reject);
  });

describe('a server that stops', () => {
  it('answers what runs and says that the connection ends with it', async () => {
    const server = await serve((_req, res) => void setTimeout(() => res.end('late'), 150));
    const agent = new Agent({ keepAlive: true });
    const running = ask({ port: portOf(server) }, agent);
    await sleep(50);
    const stopped = drain(server);
    expect((await running).headers.connection).toBe('close');
    await stopped;
  });

  it('lets an idle connection be used while it lingers, and closes it then', async () => {
    const server = await serve((_req, res) => res.end('x'));
    const port = portOf(server);
    const agent = new Agent({ keepAlive: true });
    expect((await ask({ port }, agent)).headers.connection).toBe('keep-alive');
    const stopped = drain(server, 5_000, 400);
    await sleep(100);
    expect((await ask({ port }, agent)).headers.connection).toBe('close');
    await stopped;
    await expect(ask({ port }, agent)).rejects.toThrow();
  });

  it('closes idle connections at once when it does not linger', async () => {
    const server = await serve((_req, res) => res.end('x'));
    await ask({ port: portOf(server) }, new Agent({ keepAlive: true }));
    const began = Date.now();
    await drain(server);
    expect(Date.now() - began).toBeLessThan(1_000);
  });

  it('takes in whoever had connected before the port was closed', async () => {
    const server = await serve((_req, res) => res.end('x'));
    const sockets = Array.from({ length: 50 }, () => connect(portOf(server), '127.0.0.1'));
    const connected = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const broken = sockets.map((socket) => new Promise((_, reject) => socket.once('error', reject)));
    await connected;
    const stopped = drain(server, 5_000, 300);
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const answered = sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve)));
    await Promise.race([Promise.all(answered), ...broken]);
    await stopped;
  });
});
