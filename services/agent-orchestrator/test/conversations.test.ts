import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeIdentity, startServiceUnderTest, eventually, type ServiceUnderTest } from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson } from './fixtures/person.ts';

let neighbours: Neighbours;
let service: ServiceUnderTest;
beforeAll(async () => {
  neighbours = await startNeighbours();
  service = await startServiceUnderTest(agentOrchestrator, neighbours.env);
  neighbours.trust(service.issuer.url);
});
afterAll(async () => {
  await service.close();
  await neighbours.close();
});

const data = (json: Record<string, unknown>) => json['data'] as Record<string, unknown>[];

describe('agents', () => {
  it('are created, read, changed by version, and deleted', async () => {
    const person = createPerson(service);
    const made = await person.send('POST', '/agents', { name: 'Vendas & Cia', instructions: 'Sell.', skills: [] });
    expect(made).toMatchObject({ status: 201, json: { slug: 'vendas-cia', model: 'builtin', skills: [], version: 1 } });
    expect(made.headers.get('etag')).toBe('"1"');
    const path = `/agents/${made.json['id'] as string}`;

    const changed = await person.send('PUT', path, { name: 'Sales' }, { 'if-match': '"1"' });
    expect(changed).toMatchObject({ status: 200, json: { name: 'Sales', instructions: 'Sell.', version: 2 } });
    const stale = await person.send('PUT', path, { name: 'Other' }, { 'if-match': '"1"' });
    expect([stale.status, stale.json['code']]).toEqual([412, 'agent.changed']);
    expect((await person.send('PUT', path, {}, { 'if-match': 'junk' })).status).toBe(422);

    const conversation = (await person.send('POST', '/conversations', { agentId: made.json['id'] })).json[
      'id'
    ] as string;
    expect((await person.send('DELETE', path)).status).toBe(204);
    expect((await person.send('GET', path)).status).toBe(404);
    expect((await person.send('GET', `/conversations/${conversation}`)).status).toBe(200);
    const late = await person.send('POST', `/conversations/${conversation}/messages`, { text: 'Hello' });
    expect([late.status, late.json['code']]).toEqual([409, 'agent.deleted']);
    expect((await person.send('POST', '/agents', { name: 'Vendas & Cia' })).status).toBe(201);
  });

  it('have slugs of their own, known skills and models that somebody serves', async () => {
    const person = createPerson(service);
    await person.send('POST', '/agents', { name: 'Same' });
    const codes: unknown[] = [];
    for (const body of [
      { name: 'Same' },
      { name: 'x', model: 'gpt-5' },
      { name: 'x', skills: ['fly'] },
      { name: 'x', slug: 'No Good' },
      { name: '' },
      { name: 'x', unknown: 1 },
    ]) {
      const { status, json } = await person.send('POST', '/agents', body);
      codes.push([status, json['code']]);
    }
    expect(codes).toEqual([
      [409, 'agent.slug_taken'],
      [422, 'agent.model_unavailable'],
      [422, 'request.invalid'],
      [422, 'request.invalid'],
      [422, 'request.invalid'],
      [422, 'request.invalid'],
    ]);
  });

  it('are listed in pages without gaps', async () => {
    const person = createPerson(service);
    for (const name of ['a', 'b', 'c']) await person.send('POST', '/agents', { name });
    const first = await person.send('GET', '/agents?limit=2');
    const { nextCursor } = first.json['page'] as { nextCursor: string };
    const second = await person.send('GET', `/agents?limit=2&cursor=${nextCursor}`);
    expect([...data(first.json), ...data(second.json)].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(second.json['page']).toEqual({ nextCursor: null, hasMore: false });
    expect((await person.send('GET', '/agents?cursor=junk')).status).toBe(422);
  });

  it('begin with one for a new workspace, the first of its owner or a later one, once', async () => {
    const identity = makeIdentity();
    const { userId, workspaceId } = identity;
    const about = { email: 'ana@example.com', name: 'Ana', locale: 'pt', timeZone: 'UTC' };
    const tell = async (type: string, data: object) => {
      const id = crypto.randomUUID();
      const envelope = {
        specversion: '1.0',
        id,
        source: '/atrium/auth',
        type,
        time: new Date().toISOString(),
        subject: identity.userId,
        datacontenttype: 'application/json',
        workspaceid: identity.workspaceId,
        data: { workspaceId, ...about, ...data },
      };
      await service.database.query(
        `insert into agent.outbox (event_id, subscriber, key, type, workspace_id, envelope)
         values ($1, 'agent-orchestrator', $2, $3, $4, $5)`,
        [id, identity.userId, envelope.type, identity.workspaceId, JSON.stringify(envelope)],
      );
      await eventually(
        async () => (await service.database.query(`select 1 from agent.inbox where event_id = $1`, [id])).length === 1,
      );
    };
    await tell('auth.workspace.created.v1', { ownerId: userId });
    await tell('auth.workspace.created.v1', { ownerId: userId });
    await tell('auth.user.registered.v1', { userId });
    const person = createPerson(service, identity);
    const agents = data((await person.send('GET', '/agents')).json);
    expect(agents).toHaveLength(1);
    expect(agents[0]).toMatchObject({ slug: 'assistant', name: 'Assistant', model: 'builtin' });
    expect(agents[0]?.['skills']).toHaveLength(4);
    const conversation = await person.send('POST', '/conversations', {});
    expect(conversation.json['agentId']).toBe(agents[0]?.['id']);
  });
});

describe('conversations', () => {
  it('take the workspace’s assistant, made on demand, even when many ask at once', async () => {
    const person = createPerson(service);
    const answers = await Promise.all(Array.from({ length: 8 }, () => person.send('POST', '/conversations', {})));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    expect(new Set(answers.map(({ json }) => json['agentId'])).size).toBe(1);
    expect(data((await person.send('GET', '/agents')).json)).toHaveLength(1);
  });

  it('are titled by their first message and listed with the newest message first', async () => {
    const person = createPerson(service);
    const [older, newer] = [await person.converse(), await person.converse()];
    await person.hear(await person.ask(older, 'What is my balance?'));
    const { json } = await person.send('GET', '/conversations');
    expect(data(json).map(({ id, title }) => [id, title])).toEqual([
      [older, 'What is my balance?'],
      [newer, 'New conversation'],
    ]);
  });

  it('change status, and archived ones take no messages', async () => {
    const person = createPerson(service);
    const conversation = await person.converse();
    const change = (body: unknown) => person.send('PATCH', `/conversations/${conversation}/status`, body);
    const { userId } = person.identity;
    expect((await change({ status: 'archived', assignee: userId })).json).toMatchObject({
      status: 'archived',
      assignee: userId,
    });
    const refused = await person.send('POST', `/conversations/${conversation}/messages`, { text: 'Hello' });
    expect([refused.status, refused.json['code']]).toEqual([409, 'conversation.archived']);
    expect(data((await person.send('GET', '/conversations?status=open')).json)).toEqual([]);
    expect(data((await person.send('GET', '/conversations?status=archived')).json)).toHaveLength(1);
    expect((await change({ status: 'open', assignee: null })).json).toMatchObject({ status: 'open', assignee: null });
    expect((await change({ status: 'gone' })).status).toBe(422);
  });

  it('list messages from either end in pages', async () => {
    const person = createPerson(service);
    const conversation = await person.converse();
    for (const text of ['Hello', 'Hi']) await person.hear(await person.ask(conversation, text));
    const page = async (query: string) =>
      (await person.send('GET', `/conversations/${conversation}/messages?${query}`)).json;
    const first = await page('limit=3');
    const { nextCursor } = first['page'] as { nextCursor: string };
    const second = await page(`limit=3&cursor=${nextCursor}`);
    expect([...data(first), ...data(second)].map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(data(await page('sort=newest&limit=2')).map(({ seq }) => seq)).toEqual([4, 3]);
  });
});

describe('a message', () => {
  it('sent twice with the same key starts one run', async () => {
    const person = createPerson(service);
    const conversation = await person.converse();
    const send = (text: string) =>
      person.send('POST', `/conversations/${conversation}/messages`, { text }, { 'idempotency-key': 'message-1' });
    const [first, second] = [await send('Hello'), await send('Hello')];
    expect(first.status).toBe(202);
    expect(second.json).toEqual(first.json);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect((await send('Other')).json['code']).toBe('idempotency.mismatch');
    await person.hear((first.json['run'] as { id: string }).id);
    expect(await person.messages(conversation)).toHaveLength(2);
  });

  it('waits its turn: one of many at once is taken', async () => {
    const person = createPerson(service);
    const conversation = await person.converse();
    neighbours.answer('placeHold', async (received) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return neighbours.usual.placeHold(received);
    });
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        person.send('POST', `/conversations/${conversation}/messages`, { text: 'Hello' }),
      ),
    );
    neighbours.answer('placeHold', undefined);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused).toHaveLength(5);
    expect(new Set(refused.map(({ json }) => json['code']))).toEqual(new Set(['run.in_progress']));
  });

  it.each([
    [{ text: '' }],
    [{ text: 'x'.repeat(32_001) }],
    [{ text: 'x', timeZone: 'Mars/Olympus' }],
    [{ text: 'x', more: 1 }],
    [{}],
  ])('is refused when it is not valid: %#', async (body) => {
    const person = createPerson(service);
    const { status, json } = await person.send('POST', `/conversations/${await person.converse()}/messages`, body);
    expect([status, json['code']]).toEqual([422, 'request.invalid']);
  });
});
