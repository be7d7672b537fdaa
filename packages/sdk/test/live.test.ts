import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer, type WebSocket as Socket } from 'ws';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createAtrium, openLive, type Atrium, type Live, type LiveEvent, type LiveState } from '../src/index.ts';

type Told = { type: string; token?: string };
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A gateway of which only the WebSocket is there. */
const serveSockets = async (answer: (socket: Socket, told: Told, connection: number) => void) => {
  const told: (Told & { connection: number })[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/ws' });
  open.push(server);
  let connection = 0;
  server.on('connection', (socket) => {
    connection += 1;
    const own = connection;
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as Told;
      told.push({ ...message, connection: own });
      answer(socket, message, own);
    });
  });
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
};

const ready = (socket: Socket, inMs = 900_000): void =>
  socket.send(JSON.stringify({ type: 'ready', expiresAt: new Date(Date.now() + inMs).toISOString() }));
const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 400) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A client whose refreshes give t2, t3, … until none is left. */
const signedIn = (url: string, refreshes = 9): Atrium => {
  let number = 1;
  const fake: typeof fetch = async () => {
    number += 1;
    if (number > refreshes + 1) return Response.json({ code: 'auth.session_ended', detail: 'Over.' }, { status: 401 });
    return Response.json({ accessToken: `t${number}`, refreshToken: 'r', expiresIn: 900 });
  };
  const atrium = createAtrium({ baseUrl: url, fetch: fake });
  atrium.session.adopt({ accessToken: 't1', refreshToken: 'r', expiresIn: 900 });
  return atrium;
};
const follow = (atrium: Atrium, more: { renewMs?: number; pingMs?: number } = {}) => {
  const events: LiveEvent[] = [];
  const states: LiveState[] = [];
  const live: Live = openLive(atrium, {
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    backoff: { baseMs: 2, maxMs: 10 },
    ...more,
  });
  open.push(live);
  return { live, events, states };
};

describe('openLive', () => {
  it('shows its token in a message and hands over events', async () => {
    const server = await serveSockets((socket) => {
      ready(socket);
      socket.send(JSON.stringify({ type: 'event', event: { type: 'document.version.processed.v1', data: { a: 1 } } }));
    });
    const { live, events, states } = follow(signedIn(server.url));
    await until(() => events.length > 0);
    expect(server.told).toEqual([{ type: 'auth', token: 't1', connection: 1 }]);
    expect(events[0]).toMatchObject({ type: 'document.version.processed.v1', data: { a: 1 } });
    expect(states).toEqual(['connecting', 'ready']);
    live.close();
    expect(live.state).toBe('closed');
  });

  it('shows the next token before the first one expires, on the same connection', async () => {
    const server = await serveSockets((socket, { token }) => ready(socket, token === 't1' ? 60_030 : 900_000));
    follow(signedIn(server.url));
    await until(() => server.told.length > 1);
    expect(server.told.map(({ token, connection }) => ({ token, connection }))).toEqual([
      { token: 't1', connection: 1 },
      { token: 't2', connection: 1 },
    ]);
  });

  it.each([1006, 1012, 1013, 4429])('comes back after %i', async (code) => {
    const server = await serveSockets((socket, _told, connection) => {
      if (connection > 2) return ready(socket);
      if (code === 1006) socket.terminate();
      else socket.close(code);
    });
    const { live } = follow(signedIn(server.url));
    await until(() => live.state === 'ready');
    expect(server.told.map(({ token }) => token)).toEqual(['t1', 't1', 't1']);
  });

  it('renews its token after 4401, and ends with the session', async () => {
    const server = await serveSockets((socket) => socket.close(4401));
    const { live, states } = follow(signedIn(server.url, 2));
    await until(() => live.state === 'signed-out');
    expect(server.told.map(({ token }) => token)).toEqual(['t1', 't2', 't3']);
    expect(states.at(-1)).toBe('signed-out');
  });

  it('gives up a connection that no longer answers', async () => {
    const server = await serveSockets((socket, { type }, connection) => {
      if (type === 'auth') ready(socket);
      else if (connection > 1) socket.send(JSON.stringify({ type: 'pong' }));
    });
    follow(signedIn(server.url), { pingMs: 20 });
    await until(() => server.told.filter(({ type, connection }) => type === 'ping' && connection === 2).length > 2);
    expect(Math.max(...server.told.map(({ connection }) => connection))).toBe(2);
  });

  it('is not opened for nobody', async () => {
    const server = await serveSockets(() => undefined);
    const { live } = follow(createAtrium({ baseUrl: server.url }));
    await until(() => live.state === 'signed-out');
    expect(server.told).toEqual([]);
  });
});
