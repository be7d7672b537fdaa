import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Revocation } from '@atrium/contracts';
import { revocationChannel } from '@atrium/service-kit';
import {
  createGate,
  startFakeOpenAi,
  startServiceUnderTest,
  type FakeOpenAi,
  type ServiceUnderTest,
} from '@atrium/testing';
import { service as agentOrchestrator } from '../src/service.ts';
import { startNeighbours, type Neighbours } from './fixtures/neighbours.ts';
import { createPerson } from './fixtures/person.ts';

const gate = createGate();
let neighbours: Neighbours;
let model: FakeOpenAi;
let service: ServiceUnderTest;
beforeAll(async () => {
  [neighbours, model] = await Promise.all([startNeighbours(), startFakeOpenAi()]);
  const env = { ...neighbours.env, OPENAI_BASE_URL: model.baseUrl, DEFAULT_MODEL: 'fake-model' };
  service = await startServiceUnderTest(agentOrchestrator, env);
  neighbours.trust(service.issuer.url);
});
afterAll(async () => {
  gate.open();
  await service.close();
  await Promise.all([neighbours.close(), model.close()]);
});

/** Somebody who follows a run that does not end, at the service itself. */
const follow = async () => {
  model.script([{ chunks: ['First', ' last'], gate }]);
  const [person, sessionId] = [createPerson(service), randomUUID()];
  const run = await person.ask(await person.converse(), 'Hello');
  const [url, authorization] = [
    `${service.url}/api/v1/runs/${run}/events`,
    `Bearer ${service.issuer.token(person.identity, { sessionId })}`,
  ];
  const answer = await fetch(url, { headers: { authorization } });
  expect(answer.status).toBe(200);
  let ended = false;
  const heard = answer.text().then((text) => ((ended = true), text));
  return { identity: person.identity, sessionId, authorization, url, heard, isOver: () => ended };
};
type Follower = Awaited<ReturnType<typeof follow>>;

const session = ({ sessionId }: Follower): Revocation => ({
  kind: 'session',
  id: sessionId,
  at: Date.now(),
  until: Date.now() + 960_000,
});
const user = ({ identity }: Follower): Revocation => ({
  ...session({ sessionId: identity.userId } as Follower),
  kind: 'user',
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As auth does: everybody who asks is told, and those who listen hear it. */
const revoke = async (revocation: Revocation): Promise<void> => {
  service.issuer.revocations.push(revocation);
  await service.redis.publish(revocationChannel(service.prefix), JSON.stringify({ revocations: [revocation] }));
};

describe('a running stream', () => {
  it.each([
    ['its session ends', session],
    ['everything of its user is recalled', user],
  ])('ends within a second when %s, and says why', async (_why, of) => {
    const [mine, other] = [await follow(), await follow()];
    await pause(300);
    expect(mine.isOver()).toBe(false);
    const began = performance.now();
    await revoke(of(mine));
    const text = await mine.heard;
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(text).toMatch(/event: revoked\ndata: \{"code":"token\.revoked",.*\}\n\n$/);
    const again = await fetch(mine.url, { headers: { authorization: mine.authorization } });
    expect(again.status).toBe(401);
    await pause(300);
    expect(other.isOver()).toBe(false);
    await revoke(session(other));
    await other.heard;
  });
});
