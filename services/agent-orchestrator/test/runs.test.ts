import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  startFakeOpenAi,
  startServiceUnderTest,
  type FakeOpenAi,
  type ServiceUnderTest,
} from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { passage, problem, startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson, textOf } from './fixtures/person.ts';

let neighbours: Neighbours;
let model: FakeOpenAi;
let service: ServiceUnderTest;
beforeAll(async () => {
  [neighbours, model] = await Promise.all([startNeighbours(), startFakeOpenAi()]);
  service = await startServiceUnderTest(agentOrchestrator, {
    ...neighbours.env,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: model.baseUrl,
    DEFAULT_MODEL: 'builtin',
  });
  neighbours.trust(service.issuer.url);
});
afterEach(() => {
  for (const call of ['placeHold', 'searchDocuments', 'createEvent', 'readBalance'] as const)
    neighbours.answer(call, undefined);
});
afterAll(async () => {
  await service.close();
  await Promise.all([neighbours.close(), model.close()]);
});

const told = async (run: string) =>
  (
    await service.database.query<{ type: string; envelope: { data: Record<string, unknown> } }>(
      `select type, envelope from agent.outbox where key = $1`,
      [run],
    )
  ).map(({ type, envelope }) => ({ type, data: envelope.data }));
const ended = (person: ReturnType<typeof createPerson>, run: string) =>
  eventually(async () => {
    const { json } = await person.send('GET', `/runs/${run}`);
    return json['finishedAt'] !== null && json;
  });

describe('a run of the built-in assistant', () => {
  it('answers from documents, cites what it used and tells billing what it consumed', async () => {
    const found = [
      passage('Handbook', 3, 'Customers may ask for a refund of beans within 45 days of buying them.'),
      passage('Menu', 1, 'The soup of the day changes every Tuesday.'),
    ];
    neighbours.answer('searchDocuments', () => ({ body: { data: found } }));
    const person = createPerson(service);
    const conversation = await person.converse();
    const run = await person.ask(conversation, 'Within how many days can customers ask for a refund of beans?');
    const heard = await person.hear(run);

    expect(heard.map(({ event }) => event).filter((event) => event !== 'text.delta')).toEqual([
      'run.started',
      'skill.started',
      'skill.completed',
      'message.completed',
      'run.completed',
    ]);
    expect(heard.map(({ id }) => id)).toEqual(heard.map((_, at) => at + 1));
    const completed = heard.find(({ event }) => event === 'message.completed')?.data;
    expect(completed).toMatchObject({
      text: textOf(heard),
      citations: [{ index: 1, documentId: found[0]?.documentId, title: 'Handbook', page: 3 }],
    });
    expect(textOf(heard)).toContain('45 days');

    const messages = await person.messages(conversation);
    expect(messages.map(({ role, seq }) => [role, seq])).toEqual([
      ['user', 1],
      ['assistant', 2],
    ]);
    expect(messages[1]).toMatchObject({ text: completed?.['text'], citations: completed?.['citations'], runId: run });

    const [hold] = neighbours.of(person.identity.workspaceId, 'placeHold');
    expect(hold).toMatchObject({ input: { reference: run, model: 'builtin', provider: 'builtin' } });
    expect(hold?.caller).toMatchObject({ userId: person.identity.userId, actor: 'agent-orchestrator' });
    const [outcome] = await told(run);
    expect(outcome).toMatchObject({
      type: 'agent.run.completed.v1',
      data: { runId: run, conversationId: conversation, usage: [{ provider: 'builtin', model: 'builtin' }] },
    });
    expect(outcome?.data['holdId']).toEqual(expect.any(String));
  });

  it('books an event in the time zone of the person, with a key of its own', async () => {
    const person = createPerson(service);
    const run = await person.ask(
      await person.converse(),
      'Marque uma reunião com Ana em 03/03/2031 às 15h',
      'America/Sao_Paulo',
    );
    await person.hear(run);
    const [booking] = neighbours.of(person.identity.workspaceId, 'createEvent');
    expect(booking).toMatchObject({ key: `${run}:1`, input: { timeZone: 'America/Sao_Paulo' } });
    expect(new Date(String(booking?.input['startsAt'])).toISOString()).toBe('2031-03-03T18:00:00.000Z');
  });

  it('tells the balance', async () => {
    const person = createPerson(service);
    const heard = await person.hear(await person.ask(await person.converse(), 'What is my balance?'));
    expect(textOf(heard)).toContain('4.20');
  });

  it('tells of a skill that was refused, and completes', async () => {
    neighbours.answer('createEvent', () => problem(422, 'event.invalid', 'That day is closed.'));
    const person = createPerson(service);
    const run = await person.ask(await person.converse(), 'Book a meeting on 2031-03-03 at 15:00');
    const heard = await person.hear(run);
    expect(heard.find(({ event }) => event === 'skill.completed')?.data).toEqual({
      name: 'create_event',
      ok: false,
      summary: 'That day is closed.',
    });
    expect(heard.at(-1)?.event).toBe('run.completed');
    expect(textOf(heard)).toContain('That day is closed.');
  });

  it('goes on without documents when their service is away', async () => {
    neighbours.answer('searchDocuments', () => problem(503, 'document.unavailable', 'away'));
    const person = createPerson(service);
    const heard = await person.hear(
      await person.ask(await person.converse(), 'Where are the invoices of the roastery?'),
    );
    expect(heard.find(({ event }) => event === 'skill.completed')?.data).toMatchObject({ ok: false });
    expect(heard.at(-1)?.event).toBe('run.completed');
  });
});

describe('a run that cannot be paid', () => {
  it('fails with the code and the sentence of billing, and the conversation goes on', async () => {
    neighbours.answer('placeHold', () =>
      problem(402, 'billing.insufficient_funds', 'The balance does not cover this. Add credit.'),
    );
    const person = createPerson(service);
    const conversation = await person.converse();
    const run = await person.ask(conversation, 'Hello');
    const failure = { code: 'billing.insufficient_funds', reason: 'The balance does not cover this. Add credit.' };
    expect((await person.hear(run)).at(-1)).toMatchObject({ event: 'run.failed', data: failure });
    expect(await ended(person, run)).toMatchObject({ state: 'failed', ...failure, usage: [] });
    expect(await told(run)).toEqual([
      {
        type: 'agent.run.failed.v1',
        data: expect.objectContaining({ outcome: 'failed', holdId: null, usage: [], ...failure }) as unknown,
      },
    ]);
    neighbours.answer('placeHold', undefined);
    const next = await person.hear(await person.ask(conversation, 'Hello again'));
    expect(next.at(-1)?.event).toBe('run.completed');
  });
});

describe('a run of a real model', () => {
  const fake = { name: 'Clerk', model: 'fake-model', instructions: 'Be brief.', skills: ['create_event'] };

  it('is offered its own skills only, and reads of arguments that are wrong', async () => {
    model.script([
      {
        text: 'One moment.',
        toolCalls: [
          { id: 'a', name: 'create_event', arguments: { title: 'Tea' } },
          { id: 'b', name: 'get_balance', arguments: {} },
          { id: 'c', name: 'create_event', arguments: '{not json' },
        ],
      },
      { text: 'I could not book it.' },
    ]);
    const person = createPerson(service);
    const conversation = await person.converse(fake);
    const before = model.requests.length;
    const heard = await person.hear(await person.ask(conversation, 'Book tea'));
    const [first, second] = model.requests.slice(before).map(({ body }) => body);
    const tools = first?.['tools'] as { function: { name: string } }[];
    expect(tools.map((tool) => tool.function.name)).toEqual(['create_event']);
    const replies = (second?.['messages'] as { role: string; content: string }[]).filter(({ role }) => role === 'tool');
    expect(replies.map(({ content }) => (JSON.parse(content) as { error: { code: string } }).error.code)).toEqual([
      'skill.invalid_arguments',
      'skill.unknown',
      'skill.invalid_arguments',
    ]);
    expect(textOf(heard)).toBe('One moment.\n\nI could not book it.');
    expect(neighbours.of(person.identity.workspaceId, 'createEvent')).toEqual([]);
    expect((heard.at(-1)?.data['usage'] as unknown[])[0]).toMatchObject({ inputTokens: 24, outputTokens: 18 });
  });

  it('numbers passages over several searches, so that a mark means one passage', async () => {
    const [one, two] = [passage('First', 1, 'about one'), passage('Second', 2, 'about two')];
    neighbours.answer('searchDocuments', ({ input }) => ({ body: { data: [input['query'] === 'one' ? one : two] } }));
    model.script([
      { toolCalls: [{ id: 'a', name: 'search_documents', arguments: { query: 'one' } }] },
      { toolCalls: [{ id: 'b', name: 'search_documents', arguments: { query: 'two' } }] },
      { text: 'It says so [2].' },
    ]);
    const person = createPerson(service);
    const conversation = await person.converse({ ...fake, skills: ['search_documents'] });
    const heard = await person.hear(await person.ask(conversation, 'What does it say?'));
    expect(heard.find(({ event }) => event === 'message.completed')?.data['citations']).toEqual([
      {
        index: 2,
        documentId: two.documentId,
        versionId: two.versionId,
        title: 'Second',
        page: 2,
        snippet: 'about two',
      },
    ]);
  });

  it('that asks for skills for ever is stopped, and what it used is paid', async () => {
    model.script([{ toolCalls: [{ id: 'a', name: 'create_event', arguments: {} }] }]);
    const person = createPerson(service);
    const run = await person.ask(await person.converse(fake), 'Go round');
    expect((await person.hear(run)).at(-1)).toMatchObject({
      event: 'run.failed',
      data: { code: 'run.too_many_rounds' },
    });
    const [outcome] = await told(run);
    expect(outcome?.data['usage']).toMatchObject([{ provider: 'openai', model: 'fake-model', inputTokens: 8 * 12 }]);
  });

  it('that its provider refuses fails at once, with what to do', async () => {
    model.script([{ status: 401, message: 'Wrong key' }]);
    const person = createPerson(service);
    const run = await person.ask(await person.converse(fake), 'Hello');
    expect((await person.hear(run)).at(-1)).toMatchObject({ event: 'run.failed', data: { code: 'provider.auth' } });
  });

  it('whose answer breaks off is asked again, and clients are told to begin anew', async () => {
    model.script([{ chunks: ['Half of ', 'it'], cutAfter: 1 }, { text: 'All of it.' }]);
    const person = createPerson(service);
    const conversation = await person.converse(fake);
    const heard = await person.hear(await person.ask(conversation, 'Hello'));
    expect(heard.map(({ event }) => event)).toContain('run.restarted');
    expect(textOf(heard)).toBe('All of it.');
    expect((await person.messages(conversation)).map(({ text }) => text)).toEqual(['Hello', 'All of it.']);
  });

  it('may write what a database cannot store', async () => {
    model.script([{ chunks: ['zero\0', ' half\ud83d'] }]);
    const person = createPerson(service);
    const heard = await person.hear(await person.ask(await person.converse(fake), 'Hello'));
    expect(heard.at(-1)?.event).toBe('run.completed');
    expect(textOf(heard)).toBe('zero half\ufffd');
  });
});

describe('what billing took', () => {
  it('is stored with the run when the hold is settled', async () => {
    const person = createPerson(service);
    const run = await person.ask(await person.converse(), 'Hello');
    await person.hear(run);
    expect((await ended(person, run))['cost']).toBeNull();
    const id = crypto.randomUUID();
    await service.database.query(
      `insert into agent.outbox (event_id, subscriber, key, type, workspace_id, envelope)
       values ($1, 'agent-orchestrator', 'hold', 'billing.hold.settled.v1', $2, $3)`,
      [
        id,
        person.identity.workspaceId,
        JSON.stringify({
          specversion: '1.0',
          id,
          source: '/atrium/billing',
          type: 'billing.hold.settled.v1',
          time: new Date().toISOString(),
          subject: 'hold',
          datacontenttype: 'application/json',
          workspaceid: person.identity.workspaceId,
          data: { holdId: crypto.randomUUID(), reference: run, captured: 1_234, released: 5, currency: 'USD' },
        }),
      ],
    );
    await eventually(async () => (await person.send('GET', `/runs/${run}`)).json['cost'] === 1_234);
  });
});
