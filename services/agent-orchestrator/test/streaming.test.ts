import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createGate,
  eventually,
  startFakeOpenAi,
  startServiceUnderTest,
  type FakeOpenAi,
  type ServiceUnderTest,
} from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson, textOf, type Heard } from './fixtures/person.ts';

let neighbours: Neighbours;
let model: FakeOpenAi;
let service: ServiceUnderTest;
beforeAll(async () => {
  [neighbours, model] = await Promise.all([startNeighbours(), startFakeOpenAi()]);
  service = await startServiceUnderTest(agentOrchestrator, {
    ...neighbours.env,
    OPENAI_BASE_URL: model.baseUrl,
    DEFAULT_MODEL: 'fake-model',
  });
  neighbours.trust(service.issuer.url);
});
afterAll(async () => {
  await service.close();
  await Promise.all([neighbours.close(), model.close()]);
});

/** A run whose model says the first chunk and then waits at the gate. */
const askGated = async (chunks: string[]) => {
  const gate = createGate();
  model.script([{ chunks, gate }]);
  const person = createPerson(service);
  const conversation = await person.converse();
  const run = await person.ask(conversation, 'Hello');
  return { gate, person, conversation, run };
};
const until = async (events: AsyncIterable<Heard>, event: string): Promise<Heard[]> => {
  const all: Heard[] = [];
  for await (const heard of events) {
    all.push(heard);
    if (heard.event === event) return all;
  }
  throw new Error(`the stream ended before ${event}`);
};

describe('a stream', () => {
  it('brings the first words before the model has finished', async () => {
    const { gate, person, run } = await askGated(['First', ' and', ' last.']);
    await gate.reached;
    const heard = await until(person.listen(run), 'text.delta');
    expect(textOf(heard)).toBe('First');
    expect((await person.send('GET', `/runs/${run}`)).json['state']).toBe('running');
    gate.open();
    expect(textOf(await person.hear(run))).toBe('First and last.');
  });

  it('goes on after any event it is told, without a gap or a repetition', async () => {
    const words = Array.from({ length: 40 }, (_, at) => `word${at} `);
    const { gate, person, run } = await askGated(words);
    const live = until(person.listen(run), 'run.completed');
    const before = await until(person.listen(run), 'text.delta');
    gate.open();
    const all = await live;
    expect(textOf(all)).toBe(words.join(''));
    expect(await person.hear(run, before.at(-1)?.id)).toEqual(all.slice(before.length));
    for (const [at, { id }] of all.entries()) expect(await person.hear(run, id)).toEqual(all.slice(at + 1));
  });

  it('is the same from Postgres once Redis has forgotten', async () => {
    const { gate, person, run } = await askGated(['Kept', ' for ever']);
    gate.open();
    const all = await person.hear(run);
    await service.redis.unlink(`${service.prefix}:run:${run}`);
    expect(await person.hear(run)).toEqual(all);
    expect(await person.hear(run, all[1]?.id)).toEqual(all.slice(2));
  });

  it('leaves nothing out when Redis forgets in the middle: the rest comes with the end', async () => {
    const { gate, person, run } = await askGated(['One', ' two', ' three']);
    await until(person.listen(run), 'text.delta');
    await service.redis.unlink(`${service.prefix}:run:${run}`);
    const [fresh, resumed] = [person.hear(run), person.hear(run, 1)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    gate.open();
    expect(textOf(await fresh)).toBe('One two three');
    expect((await resumed).map(({ id }) => id)).toEqual((await fresh).map(({ id }) => id).slice(1));
  });

  it('is over for a client that heard the end', async () => {
    const { gate, person, run } = await askGated(['Done']);
    gate.open();
    const last = (await person.hear(run)).at(-1);
    const again = await person.send('GET', `/runs/${run}/events`, undefined, { 'last-event-id': String(last?.id) });
    expect(again.status).toBe(204);
  });

  it('ends when the service drains, and goes on at another replica', async () => {
    const replica = await service.startAgain();
    const { gate, person, run } = await askGated(['Before', ' after']);
    const heard: Heard[] = [];
    const first = (async () => {
      for await (const one of person.at(replica.url).listen(run)) heard.push(one);
    })();
    await eventually(async () => heard.some(({ event }) => event === 'text.delta'));
    await replica.close();
    await first;
    // The replica may have been the one that worked on the run; then the other one starts it anew.
    model.script([{ chunks: ['Before', ' after'] }]);
    gate.open();
    const rest = await person.hear(run, heard.at(-1)?.id);
    expect(textOf([...heard, ...rest])).toBe('Before after');
    expect(rest.at(-1)?.event).toBe('run.completed');
  });
});

describe('cancelling', () => {
  it('stops the model, tells the stream, and bills what was written', async () => {
    const { gate, person, conversation, run } = await askGated(['Something already', ' never this']);
    const live = person.hear(run);
    await until(person.listen(run), 'text.delta');
    expect((await person.send('POST', `/runs/${run}/cancel`)).status).toBe(202);
    const heard = await live;
    expect(heard.at(-1)).toMatchObject({ event: 'run.cancelled', data: { code: 'run.cancelled' } });
    await model.requests.at(-1)?.closed;
    gate.open();
    expect((await person.send('GET', `/runs/${run}`)).json['state']).toBe('cancelled');
    expect(await person.messages(conversation)).toHaveLength(1);
    const [failed] = await service.database.query<{ data: Record<string, unknown> }>(
      `select envelope->'data' as data from agent.outbox where key = $1 and type = 'agent.run.failed.v1'`,
      [run],
    );
    expect(failed?.data).toMatchObject({
      outcome: 'cancelled',
      usage: [{ provider: 'openai', model: 'fake-model', estimated: true }],
    });
    expect((await person.send('POST', `/runs/${run}/cancel`)).status).toBe(202);
  });

  it('reaches the process that works on the run, and its readers, over Redis', async () => {
    const { person, run } = await askGated(['Quick', ' death']);
    await until(person.listen(run), 'text.delta');
    // The job row does not say it, so no heartbeat can find it.
    await service.redis.publish(`${service.prefix}:run:${run}:signal`, 'cancel');
    expect((await person.hear(run)).at(-1)?.event).toBe('run.cancelled');
    await eventually(async () => {
      const [newest] = await service.redis.xrevrange(`${service.prefix}:run:${run}`, '+', '-', 'COUNT', 1);
      return newest?.[1][1]?.includes('run.cancelled');
    });
  });

  it('works without the signal over Redis too: the heartbeat sees it', async () => {
    const { person, run } = await askGated(['Slow', ' death']);
    await until(person.listen(run), 'text.delta');
    await service.database.query(
      `update agent.jobs set cancel_requested = true where id = (select job_id from agent.runs where id = $1)`,
      [run],
    );
    expect((await person.hear(run)).at(-1)?.event).toBe('run.cancelled');
  });

  it('is refused for a run that has ended', async () => {
    const { gate, person, run } = await askGated(['Done']);
    gate.open();
    await person.hear(run);
    const { status, json } = await person.send('POST', `/runs/${run}/cancel`);
    expect([status, json['code']]).toEqual([409, 'run.ended']);
  });
});
