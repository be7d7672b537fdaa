import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAtrium, followRun, pages, upload, type Atrium } from '@atrium/sdk';
import { createGate, eventually, startFakeOpenAi, type FakeOpenAi } from '@atrium/testing';
import { prepareProcess, type ProcessUnderTest } from './process.fixture.ts';

const gate = createGate();
let model: FakeOpenAi;
let platform: ProcessUnderTest;
let atrium: Atrium;
const balance = () => atrium.get('/api/v1/billing/balance');

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
  atrium = createAtrium({ baseUrl: platform.gateway });
  await atrium.register({ email: `ana-${randomUUID()}@example.com`, password: 'a long pass phrase', name: 'Ana' });
  await eventually(async () => (await balance()).available > 0);
}, 180_000);
afterAll(async () => {
  gate.open();
  await platform.close();
  await model.close();
});

describe('after kill -9 of the whole process in the middle of a run', () => {
  it('the run ends once, its hold is settled, and the books are balanced', async () => {
    const conversation = await atrium.post('/api/v1/conversations', { body: {} });
    const path = { id: conversation.id };
    const sent = await atrium.post('/api/v1/conversations/{id}/messages', {
      path,
      body: { text: 'Tell me something' },
    });
    const run = sent.run.id;
    await gate.reached;
    await eventually(async () => (await balance()).held > 0);
    const [stored] = await platform.database.query<{ state: string }>(`select state from agent.runs where id = $1`, [
      run,
    ]);
    expect(stored?.state).toBe('running');

    await platform.kill();
    await platform.start();

    const events: string[] = [];
    let text = '';
    for await (const { type, data } of followRun(atrium, run)) {
      events.push(type);
      if (type === 'run.restarted') text = '';
      if (type === 'text.delta') text += String(data['text']);
    }
    expect(events).toContain('run.restarted');
    expect(events.at(-1)).toBe('run.completed');
    expect(text).toBe('The whole answer, at last.');

    const roles: string[] = [];
    for await (const { role } of pages(atrium, '/api/v1/conversations/{id}/messages', { path })) roles.push(role);
    expect(roles.sort()).toEqual(['assistant', 'user']);
    const after = await eventually(async () => {
      const now = await balance();
      return now.held === 0 && now;
    });
    expect(after.available).toBeLessThan(5_000_000);
    expect(await atrium.get('/api/v1/billing/trial-balance')).toMatchObject({ balanced: true, total: 0 });
  }, 180_000);

  it('documents that were being processed are finished', async () => {
    const ids: string[] = [];
    for (const number of [1, 2, 3]) {
      const file = new File([`# Part ${number}\n\n${'The kettle is blue. '.repeat(4_000)}`], `part-${number}.md`);
      ids.push((await upload(atrium, '/api/v1/documents', { file })).id);
    }
    await platform.kill();
    await platform.start();
    const isReady = async (id: string) =>
      (await atrium.get('/api/v1/documents/{id}', { path: { id } })).status === 'ready';
    for (const id of ids) await eventually(() => isReady(id), 40_000);
    const chunks = await platform.database.query<{ twice: boolean }>(
      `select count(*) > 1 as twice from document.chunks group by version_id, ordinal having count(*) > 1`,
    );
    expect(chunks).toEqual([]);
  }, 180_000);
});
