import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { revocationChannel, type LiveMessage } from '@atrium/service-kit';
import { eventually, makeIdentity, type TestIdentity } from '@atrium/testing';
import { WebSocket } from 'ws';
import { startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

const APP = 'https://app.example.com';

let hall: GatewayUnderTest;
beforeAll(async () => {
  hall = await startGateway({
    CORS_ORIGINS: APP,
    SOCKETS_PER_USER: '3',
    SOCKET_HEARTBEAT_MS: '200',
    SOCKET_BACKLOG: '200000',
  });
});
afterAll(() => hall.close());

interface Client {
  readonly socket: WebSocket;
  readonly heard: { type: string; event?: { id: string }; expiresAt?: string; workspaceId?: string }[];
  readonly closed: Promise<[number, string]>;
  heardOf(type: string): Promise<Client['heard'][number]>;
}

const connect = (options: { url?: string; path?: string; protocols?: string[]; origin?: string } = {}): Client => {
  const { url = hall.url, path = '/ws', protocols = [], origin } = options;
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocols, origin ? { origin } : {});
  const heard: Client['heard'] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Client['heard'][number]));
  const closed = new Promise<[number, string]>((resolve) => {
    socket.on('close', (code, reason) => resolve([code, reason.toString()]));
    socket.on('unexpected-response', (_req, res) => resolve([res.statusCode ?? 0, 'refused']));
    socket.on('error', () => undefined);
  });
  return { socket, heard, closed, heardOf: (type) => eventually(async () => heard.find((one) => one.type === type)) };
};

const enter = async (identity: TestIdentity, options: { expiresIn?: number; url?: string } = {}): Promise<Client> => {
  const client = connect({ ...options, protocols: ['bearer', hall.token(identity, options)] });
  await client.heardOf('ready');
  return client;
};

const publish = async (workspaceid: string, audience: LiveMessage['audience'], userid?: string, data: unknown = {}) => {
  const envelope = {
    specversion: '1.0',
    id: randomUUID(),
    source: 'document',
    type: 'document.version.processed.v1',
    time: new Date().toISOString(),
    subject: 'x',
    datacontenttype: 'application/json',
    workspaceid,
    userid,
    data,
  };
  await hall.redis.publish(`${hall.prefix}:live:${workspaceid}`, JSON.stringify({ audience, envelope }));
  return envelope;
};
const idsOf = ({ heard }: Client): (string | undefined)[] =>
  heard.filter(({ type }) => type === 'event').map(({ event }) => event?.id);

describe('who may connect', () => {
  it.each(['/ws', '/api/v1/ws', '/api/ws'])('a client with a token as protocol, at %s', async (path) => {
    const identity = makeIdentity();
    const client = connect({ path, protocols: ['bearer', hall.token(identity)] });
    expect(await client.heardOf('ready')).toMatchObject({ workspaceId: identity.workspaceId, userId: identity.userId });
    expect(client.socket.protocol).toBe('bearer');
    client.socket.close();
    await client.closed;
  });

  it('a client that shows its token in the first message', async () => {
    const client = connect();
    client.socket.once('open', () => client.socket.send(JSON.stringify({ type: 'auth', token: hall.token() })));
    await client.heardOf('ready');
    client.socket.send('{"type":"ping"}');
    await client.heardOf('pong');
    client.socket.close();
  });

  it.each([
    ['garbage', () => 'a.b.c', 'token.invalid'],
    ['one that has expired', () => hall.token(makeIdentity(), { expiresIn: -60 }), 'token.expired'],
  ])('nobody with %s', async (_what, token, code) => {
    expect(await connect({ protocols: ['bearer', token()] }).closed).toEqual([4401, code]);
  });

  it('nobody who stays silent, and nobody by a token in the URL', async () => {
    const started = performance.now();
    const client = connect({ path: `/ws?token=${hall.token()}&access_token=${hall.token()}` });
    expect(await client.closed).toEqual([4401, 'token.missing']);
    expect(performance.now() - started).toBeGreaterThan(4_500);
    expect(client.heard).toEqual([]);
  });

  it.each(['{', '{"type":"other"}', '{"type":"auth","token":1}', 'x'.repeat(9_000)])(
    'nobody who sends %p',
    async (text) => {
      const client = connect();
      client.socket.once('open', () => client.socket.send(text));
      expect([1008, 1009]).toContain((await client.closed)[0]);
    },
  );

  it('no page of another origin', async () => {
    const protocols = ['bearer', hall.token(makeIdentity())];
    expect(await connect({ protocols, origin: 'https://evil.example' }).closed).toEqual([403, 'refused']);
    expect(await connect({ protocols, origin: 'null' }).closed).toEqual([403, 'refused']);
    for (const origin of [APP, hall.url]) {
      const client = connect({ protocols, origin });
      await client.heardOf('ready');
      client.socket.close();
    }
  });

  it.each(['/', '/api/v1/documents', '/ws/x', '//ws', '/internal/ws'])('nobody at %s', async (path) => {
    expect(await connect({ path }).closed).toEqual([404, 'refused']);
  });

  it('a user only so many times, and again after leaving', async () => {
    const identity = makeIdentity();
    const clients = await Promise.all([enter(identity), enter(identity), enter(identity)]);
    const fourth = connect({ protocols: ['bearer', hall.token(identity)] });
    expect(await fourth.closed).toEqual([4429, 'socket.too_many']);
    clients[0].socket.close();
    await clients[0].closed;
    const again = await eventually(async () => {
      const client = connect({ protocols: ['bearer', hall.token(identity)] });
      return Promise.race([client.heardOf('ready').then(() => client), client.closed.then(() => undefined)]);
    });
    for (const { socket } of [...clients, again]) socket.close();
  });
});

describe('what is heard', () => {
  it('the events of the own workspace, from any gateway, and of no other', async () => {
    const [ana, eve] = [makeIdentity(), makeIdentity()];
    const bia = makeIdentity({ workspaceId: ana.workspaceId });
    const second = await hall.startAgain();
    const clients = await Promise.all([enter(ana), enter(bia, { url: second.url }), enter(eve)]);
    const [anas, bias, eves] = clients;
    const all = await publish(ana.workspaceId, 'workspace');
    const hers = await publish(ana.workspaceId, 'user', ana.userId);
    const nobodys = await publish(ana.workspaceId, 'none');
    const foreign = await publish(eve.workspaceId, 'workspace');
    const last = await publish(ana.workspaceId, 'workspace', undefined, { text: 'ação' });
    await eventually(async () => clients.slice(0, 2).every((client) => idsOf(client).includes(last.id)));
    await eventually(async () => idsOf(eves).length > 0);
    expect(idsOf(anas)).toEqual([all.id, hers.id, last.id]);
    expect(idsOf(bias)).toEqual([all.id, last.id]);
    expect(idsOf(eves)).toEqual([foreign.id]);
    expect(anas.heard.at(-1)).toEqual({ type: 'event', event: JSON.parse(JSON.stringify(last)) as unknown });
    expect([...idsOf(anas), ...idsOf(bias)]).not.toContain(nobodys.id);
    for (const { socket } of clients) socket.close();
  });

  it('nothing before the token', async () => {
    const client = connect();
    await new Promise((resolve) => client.socket.once('open', resolve));
    await publish(hall.identity.workspaceId, 'workspace');
    client.socket.send(JSON.stringify({ type: 'auth', token: hall.token() }));
    await client.heardOf('ready');
    const heard = await publish(hall.identity.workspaceId, 'workspace');
    await client.heardOf('event');
    expect(idsOf(client)).toEqual([heard.id]);
    client.socket.close();
  });
});

describe('when it ends', () => {
  it('with the token, unless a new one of the same user comes first', async () => {
    const identity = makeIdentity();
    const [left, kept] = await Promise.all([enter(identity, { expiresIn: 2 }), enter(identity, { expiresIn: 2 })]);
    kept.socket.send(JSON.stringify({ type: 'auth', token: hall.token(identity) }));
    expect(await left.closed).toEqual([4401, 'token.expired']);
    await publish(identity.workspaceId, 'workspace');
    await kept.heardOf('event');
    kept.socket.send(JSON.stringify({ type: 'auth', token: hall.token(makeIdentity()) }));
    expect(await kept.closed).toEqual([4403, 'socket.other_identity']);
  });

  it('for a client that no longer answers the heartbeat', async () => {
    const client = await enter(makeIdentity());
    client.socket.pong = () => undefined;
    client.socket.removeAllListeners('ping');
    Object.assign(client.socket, { _autoPong: false });
    expect((await client.closed)[0]).toBe(1006);
  });

  it('for a client that reads too slowly, and for nobody else', async () => {
    const identity = makeIdentity();
    const other = makeIdentity({ workspaceId: identity.workspaceId });
    // No heartbeat meanwhile, which a client that does not read would miss as well.
    const { url } = await hall.startAgain({ SOCKET_HEARTBEAT_MS: '60000' });
    const [slow, quick] = await Promise.all([enter(identity, { url }), enter(other, { url })]);
    slow.socket.pause();
    const text = 'x'.repeat(100_000);
    for (let at = 0; at < 120; at += 1) await publish(identity.workspaceId, 'workspace', undefined, { text });
    await eventually(async () => idsOf(quick).length === 120);
    slow.socket.resume();
    const [code] = await slow.closed;
    expect([1013, 1006]).toContain(code);
    expect(idsOf(slow).length).toBeLessThan(120);
    quick.socket.close();
  });

  it('with a word when the gateway goes away', async () => {
    const second = await hall.startAgain();
    const client = await enter(makeIdentity(), { url: second.url });
    const started = performance.now();
    await second.close();
    expect(await client.closed).toEqual([1012, 'service.restarting']);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

it('serves a request that offers another protocol as if it did not', async () => {
  const response = await new Promise<number>((resolve, reject) => {
    get(`${hall.url}/health/live`, { headers: { connection: 'upgrade', upgrade: 'h2c' } }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    }).on('error', reject);
  });
  expect(response).toBe(200);
});

describe('a revoked token', () => {
  const revoke = (kind: 'session' | 'user', id: string) =>
    hall.redis.publish(
      revocationChannel(hall.prefix),
      JSON.stringify({ revocations: [{ kind, id, at: Date.now(), until: Date.now() + 60_000 }] }),
    );

  it('closes the connections of its session within a second, and no others', async () => {
    const [identity, sessionId] = [makeIdentity(), randomUUID()];
    const gone = connect({ protocols: ['bearer', hall.token(identity, { sessionId })] });
    await gone.heardOf('ready');
    const stays = await enter(identity);
    const began = performance.now();
    await revoke('session', sessionId);
    expect(await gone.closed).toEqual([4401, 'token.revoked']);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(stays.socket.readyState).toBe(WebSocket.OPEN);
    const again = connect({ protocols: ['bearer', hall.token(identity, { sessionId })] });
    expect(await again.closed).toEqual([4401, 'token.revoked']);
    stays.socket.close();
  });

  it('closes every connection of its user, and opens no request', async () => {
    const identity = makeIdentity();
    const clients = [await enter(identity), await enter(identity)];
    const authorization = `Bearer ${hall.token(identity)}`;
    await revoke('user', identity.userId);
    for (const { closed } of clients) expect(await closed).toEqual([4401, 'token.revoked']);
    const answer = await hall.send('/api/v1/agents', { headers: { authorization } });
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: 'token.revoked' })]);
  });
});
