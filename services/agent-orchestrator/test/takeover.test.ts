import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createGate,
  startFakeOpenAi,
  startServiceUnderTest,
  type FakeOpenAi,
  type ServiceUnderTest,
} from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson, textOf, type Heard, type Person } from './fixtures/person.ts';
import { startProcess } from './fixtures/process.ts';

let neighbours: Neighbours;
let model: FakeOpenAi;
let service: ServiceUnderTest;
let env: Record<string, string>;
beforeAll(async () => {
  [neighbours, model] = await Promise.all([startNeighbours(), startFakeOpenAi()]);
  env = { ...neighbours.env, OPENAI_BASE_URL: model.baseUrl, DEFAULT_MODEL: 'fake-model' };
  service = await startServiceUnderTest(agentOrchestrator, env);
  neighbours.trust(service.issuer.url);
  // Only the process that is to be killed works; the test brings the next one when it is dead.
  await service.running.close();
});
afterAll(async () => {
  await service.close();
  await Promise.all([neighbours.close(), model.close()]);
});

const booking = {
  text: 'I book it. ',
  toolCalls: [
    {
      id: 'a',
      name: 'create_event',
      arguments: { title: 'Tea', startsAt: '2031-03-03T15:00:00Z', endsAt: '2031-03-03T15:30:00Z', timeZone: 'UTC' },
    },
  ],
};
const loseLease = (run: string) =>
  service.database.query(
    `update agent.jobs set lease_until = now() - interval '1 s', lease_token = gen_random_uuid() where payload->>'runId' = $1`,
    [run],
  );
const outcomes = (run: string) =>
  service.database.query(`select type from agent.outbox where key = $1 and type like 'agent.run.%'`, [run]);

/** What must be true of a run that booked tea, however often its process died. */
const expectOneOfEach = async (person: Person, conversation: string, run: string, text: string) => {
  const messages = await person.messages(conversation);
  expect(messages.map((message) => [message['role'], message['text']])).toEqual([
    ['user', 'Book tea'],
    ['assistant', text],
  ]);
  const bookings = neighbours.of(person.identity.workspaceId, 'createEvent');
  expect(new Set(bookings.map(({ key }) => key))).toEqual(new Set([`${run}:1`]));
  expect([...neighbours.booked.keys()].filter((key) => key.startsWith(run))).toHaveLength(1);
  const holds = neighbours.of(person.identity.workspaceId, 'placeHold');
  expect(new Set(holds.map(({ input }) => JSON.stringify(input))).size).toBe(1);
  expect(await outcomes(run)).toEqual([{ type: 'agent.run.completed.v1' }]);
};

describe('a process killed in the middle of a run', () => {
  it('while the model answers: recorded steps are told again, not done again', async () => {
    const gate = createGate();
    model.script([booking, { chunks: ['Booked', ' and lost'], gate }, { text: 'Booked for three.' }]);
    const before = model.requests.length;
    const process = await startProcess(service, env);
    const person = createPerson(service, {}, process.url);
    const conversation = await person.converse();
    const run = await person.ask(conversation, 'Book tea');
    const heard: Heard[] = [];
    for await (const one of person.listen(run)) {
      heard.push(one);
      if (textOf(heard).includes('Booked')) break;
    }
    await process.kill();
    await loseLease(run);
    const next = await service.startAgain();
    const resumed = person.at(next.url);
    const rest = await resumed.hear(run, heard.at(-1)?.id);
    expect(rest[0]?.event).toBe('run.restarted');
    expect(textOf([...heard, ...rest])).toBe('I book it. \n\nBooked for three.');
    await expectOneOfEach(resumed, conversation, run, 'I book it. \n\nBooked for three.');
    expect(neighbours.of(person.identity.workspaceId, 'createEvent')).toHaveLength(1);
    expect(neighbours.of(person.identity.workspaceId, 'placeHold')).toHaveLength(1);
    expect(model.requests.length - before).toBe(3);
    await next.close();
  });

  it('while a booking is on its way: it is asked for again with the same key, so there is one', async () => {
    const onItsWay = createGate();
    neighbours.answer('createEvent', async (received) => {
      const answer = neighbours.usual.createEvent(received);
      await onItsWay.pass();
      return answer;
    });
    model.script([booking, { text: 'Booked.' }]);
    const process = await startProcess(service, env);
    const person = createPerson(service, {}, process.url);
    const conversation = await person.converse();
    const run = await person.ask(conversation, 'Book tea');
    await onItsWay.reached;
    await process.kill();
    onItsWay.open();
    await loseLease(run);
    const next = await service.startAgain();
    const resumed = person.at(next.url);
    await resumed.hear(run);
    await expectOneOfEach(resumed, conversation, run, 'I book it. \n\nBooked.');
    expect(neighbours.of(person.identity.workspaceId, 'createEvent')).toHaveLength(2);
    neighbours.answer('createEvent', undefined);
    await next.close();
  });

  it('before the hold was stored: it is asked for again with the same reference', async () => {
    const onItsWay = createGate();
    neighbours.answer('placeHold', async (received) => {
      const answer = neighbours.usual.placeHold(received);
      await onItsWay.pass();
      return answer;
    });
    model.script([booking, { text: 'Booked.' }]);
    const process = await startProcess(service, env);
    const person = createPerson(service, {}, process.url);
    const conversation = await person.converse();
    const run = await person.ask(conversation, 'Book tea');
    await onItsWay.reached;
    await process.kill();
    onItsWay.open();
    // Somebody edits the agent meanwhile; the run goes on with the one that was asked.
    await service.database.query(`update agent.agents set instructions = 'Something else.'`);
    await loseLease(run);
    const next = await service.startAgain();
    const resumed = person.at(next.url);
    await resumed.hear(run);
    await expectOneOfEach(resumed, conversation, run, 'I book it. \n\nBooked.');
    expect(neighbours.of(person.identity.workspaceId, 'placeHold')).toHaveLength(2);
    neighbours.answer('placeHold', undefined);
    await next.close();
  });
});

describe('a process that only believes it has the run', () => {
  it('changes nothing any more once another one took it over', async () => {
    const [gate, late] = [createGate(), createGate()];
    model.script([
      { chunks: ['The first', ' is too late'], gate },
      { chunks: ['The second', ' answers'], gate: late },
      { text: 'nobody asks this' },
    ]);
    const [first, second] = [await service.startAgain(), await service.startAgain()];
    const person = createPerson(service, {}, first.url);
    const conversation = await person.converse();
    const run = await person.ask(conversation, 'Hello');
    await gate.reached;
    await loseLease(run);
    await late.reached;
    gate.open();
    // Long enough for the first to end the run if nothing kept it from that.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await person.messages(conversation)).toHaveLength(1);
    late.open();
    const heard = await person.hear(run);
    expect(textOf(heard)).toBe('The second answers');
    const messages = await person.messages(conversation);
    expect(messages.map(({ text }) => text)).toEqual(['Hello', 'The second answers']);
    expect(await outcomes(run)).toEqual([{ type: 'agent.run.completed.v1' }]);
    await Promise.all([first.close(), second.close()]);
  });
});
