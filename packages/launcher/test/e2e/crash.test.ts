import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGate, eventually, startFakeOpenAi, type FakeOpenAi } from '@atrium/testing';
import { createApi } from '../../src/demo/api.client.ts';
import { createNarrator } from '../../src/demo/narrator.ts';
import { signUp, type Person } from './platform.fixture.ts';
import { prepareProcess, type ProcessUnderTest } from './process.fixture.ts';

const gate = createGate();
let model: FakeOpenAi;
let platform: ProcessUnderTest;
let person: Person;
const api = (path: string): string => `${platform.gateway}/api/v1${path}`;
const read = async (path: string) => (await person.call('GET', api(path))).json;

beforeAll(async () => {
  // The first answer stops half-way for ever; whoever asks again is answered.
  model = await startFakeOpenAi({
    script: [{ text: 'Half of an answer that never ends', gate }, { text: 'The whole answer, at last.' }],
  });
  platform = await prepareProcess({
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: model.baseUrl,
    DEFAULT_MODEL: 'fake-model',
  });
  await platform.start();
  person = await signUp(platform.gateway, 'ana');
  await eventually(async () => Number((await read('/billing/balance'))['available']) > 0);
}, 60_000);
afterAll(async () => {
  gate.open();
  await platform.close();
  await model.close();
});

describe('after kill -9 of the whole process in the middle of a run', () => {
  it('the run ends once, its hold is settled, and the books are balanced', async () => {
    const conversation = (await person.call('POST', api('/conversations'), {})).json['id'] as string;
    const sent = await person.call('POST', api(`/conversations/${conversation}/messages`), {
      text: 'Tell me something',
    });
    const run = (sent.json['run'] as { id: string }).id;
    await gate.reached;
    await eventually(async () => Number((await read('/billing/balance'))['held']) > 0);
    const [stored] = await platform.database.query<{ state: string }>(`select state from agent.runs where id = $1`, [
      run,
    ]);
    expect(stored?.state).toBe('running');

    await platform.kill();
    await platform.start();

    const client = createApi(
      platform.gateway,
      createNarrator(() => undefined),
    );
    client.signIn(person.accessToken);
    const events: string[] = [];
    let text = '';
    for await (const { event, data } of client.stream(`/api/v1/runs/${run}/events`)) {
      events.push(event);
      if (event === 'run.restarted') text = '';
      if (event === 'text.delta') text += String(data['text']);
    }
    expect(events).toContain('run.restarted');
    expect(events.at(-1)).toBe('run.completed');
    expect(text).toBe('The whole answer, at last.');

    const messages = (await read(`/conversations/${conversation}/messages`))['data'] as {
      role: string;
      text: string;
    }[];
    expect(messages.map(({ role }) => role).sort()).toEqual(['assistant', 'user']);
    const balance = await eventually(async () => {
      const now = await read('/billing/balance');
      return now['held'] === 0 && now;
    });
    expect(Number(balance['available'])).toBeLessThan(5_000_000);
    expect(await read('/billing/trial-balance')).toMatchObject({ balanced: true, total: 0 });
  }, 60_000);

  it('documents that were being processed are finished', async () => {
    const ids: string[] = [];
    for (const number of [1, 2, 3]) {
      const form = new FormData();
      form.set('file', new Blob([`# Part ${number}\n\n${'The kettle is blue. '.repeat(4_000)}`]), `part-${number}.md`);
      ids.push((await person.call('POST', api('/documents'), form)).json['id'] as string);
    }
    await platform.kill();
    await platform.start();
    for (const id of ids) await eventually(async () => (await read(`/documents/${id}`))['status'] === 'ready', 40_000);
    const chunks = await platform.database.query<{ twice: boolean }>(
      `select count(*) > 1 as twice from document.chunks group by version_id, ordinal having count(*) > 1`,
    );
    expect(chunks).toEqual([]);
  }, 90_000);
});
