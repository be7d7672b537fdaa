import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@atrium/contracts';
import { bodyFor, queryFor } from '../../api/bodies.ts';
import type { Operation } from '../../api/operations.ts';
import { fill, makeIds } from '../../api/place.ts';
import { send, type Answer } from '../../platform/http.ts';
import { canary, must, type Person } from '../../platform/people.ts';
import type { Platform, Reach } from '../../platform/platform.ts';
import { resign } from '../../platform/tokens.ts';
import type { World } from '../../platform/world.ts';

/** One request, ready to be sent as often as one likes. */
export interface Ask {
  send(key: string): Promise<Answer>;
  /** To the same address, with a body that no operation takes. */
  sendInvalid(key: string): Promise<Answer>;
}

/** Something that takes an Idempotency-Key. */
export interface KeyedCall {
  readonly id: string;
  readonly service: string;
  /** Somebody new who may. */
  cast(world: World): Promise<Person>;
  /** Makes what it needs, differently each time. */
  prepare(person: Person, platform: Platform): Promise<Ask>;
  /** Whether it has a body, which can be wrong. */
  readonly body: boolean;
}

/** Whoever repeats what failed a moment ago is told to wait, and waits. */
const [PATIENCE, WAIT_MS] = [3, 1_100];

const askOf = (url: string, method: string, token: string, body: unknown): Ask => {
  const ask = async (key: string, content: unknown): Promise<Answer> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await send(url, { method, token, body: content, headers: { 'idempotency-key': key } });
      if (tries === PATIENCE || !answer.text.includes('"request.retried_too_soon"')) return answer;
      await sleep(WAIT_MS);
    }
  };
  return { send: (key) => ask(key, body), sendInvalid: (key) => ask(key, { unheardOf: 1 }) };
};

/** Who calls, where it is not the owner of a workspace of their own. */
const casts: Readonly<Record<string, KeyedCall['cast']>> = {
  leaveWorkspace: async (world) => world.joining(await world.newcomer(), 'member'),
};

/** An operation of the gateway, by what the other proofs make for it. */
export const publicCall = (operation: Operation): KeyedCall => {
  const { id, service, method, path } = operation;
  const at = (platform: Platform, ids: Record<string, string>): string =>
    platform.gateway + fill({ path }, ids, queryFor(operation));
  return {
    ...{ id, service, body: operation.body !== undefined },
    cast: casts[id] ?? ((world) => world.newcomer()),
    async prepare(person, platform) {
      const url = at(platform, await makeIds(operation, person, platform));
      return askOf(url, method, person.token, await bodyFor(operation, person, platform));
    },
  };
};

/** A token that a service holds for this person. */
export const delegated = (person: Person, actor: ServiceName, { privateKey }: Pick<Reach, 'privateKey'>): string =>
  resign(person.token, { act: { sub: actor } }, privateKey);

const HOLD = { provider: 'openai', model: 'gpt-4o', maxInputTokens: 100, maxOutputTokens: 100 };

const internal = (
  id: string,
  service: ServiceName,
  actor: ServiceName,
  make: (post: (path: string, body: unknown) => Promise<Answer>) => Promise<{ path: string; body?: unknown }>,
): KeyedCall => ({
  ...{ id, service, body: id !== 'releaseHold' },
  cast: (world) => world.newcomer(),
  async prepare(person, platform) {
    const token = delegated(person, actor, platform);
    const base = `${platform.urls[service]}/internal`;
    const { path, body } = await make((below, given) =>
      send(base + below, { method: 'POST', token, body: given, headers: { 'idempotency-key': randomUUID() } }),
    );
    return askOf(base + path, 'POST', token, body);
  },
});

const held = async (post: (path: string, body: unknown) => Promise<Answer>): Promise<string> =>
  String(must(await post('/holds', { ...HOLD, reference: randomUUID() }), 'placing a hold')['id']);

let drawn = 0;
const amount = (): number => 1 + (drawn = (drawn + 1) % 50);

/** What services alone may ask of each other; the path of each is as its router has it. */
export const internalCalls: Readonly<Record<string, KeyedCall>> = {
  '/internal/holds': internal('placeHold', 'billing', 'agent-orchestrator', async () => ({
    path: '/holds',
    body: { ...HOLD, reference: randomUUID() },
  })),
  '/internal/holds/:id/capture': internal('captureHold', 'billing', 'agent-orchestrator', async (post) => ({
    path: `/holds/${await held(post)}/capture`,
    body: { amount: amount() },
  })),
  '/internal/holds/:id/release': internal('releaseHold', 'billing', 'agent-orchestrator', async (post) => ({
    path: `/holds/${await held(post)}/release`,
  })),
  '/internal/charges': internal('chargeWallet', 'billing', 'agent-orchestrator', async () => ({
    path: '/charges',
    body: { reference: randomUUID(), amount: amount(), description: canary() },
  })),
  '/internal/calendar/grants': internal('storeCalendarGrant', 'calendar', 'auth', async () => ({
    path: '/calendar/grants',
    body: {
      provider: 'google',
      account: `${canary()}@example.com`,
      subject: canary(),
      refreshToken: canary(),
      scopes: ['calendar'],
    },
  })),
};
