import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SessionService } from './session.service.ts';
import { startModel, type Model } from './refresh.model.fixture.ts';
import { GRACE_MS } from './rotation.ts';

const CLIENT = { ip: null, userAgent: null };

/** One device: every token it ever held, the newest last, and what it has been told. */
interface Family {
  readonly sessionId: string;
  readonly tokens: string[];
  /** Set by what ends it; from then on nothing may come out of it. */
  dead: boolean;
}

const ages = { current: 0, parent: 1, grandparent: 2, ancestor: 5 } as const;

type Act =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'present'; readonly family: number; readonly age: keyof typeof ages; readonly times: number }
  | { readonly kind: 'logout'; readonly family: number }
  | { readonly kind: 'password'; readonly family: number }
  | { readonly kind: 'login' };

const family = fc.nat({ max: 3 });
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 2 * GRACE_MS }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('present' as const),
      family,
      age: fc.constantFrom(...(Object.keys(ages) as (keyof typeof ages)[])),
      times: fc.constantFrom(1, 1, 2, 20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('logout' as const), family }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('password' as const), family }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('login' as const) }) },
);

const userId = randomUUID();
const open = async (model: Model): Promise<Family> => {
  const { sessionId, refreshToken } = await model.run((service) => service.open(userId, model.workspaceId, CLIENT));
  return { sessionId, tokens: [refreshToken], dead: false };
};

/** Presents a token as often as is said, at once, and checks each answer against what a correct server may say. */
const present = async (model: Model, one: Family, age: number, times: number): Promise<void> => {
  const at = one.tokens.length - 1 - age;
  const token = one.tokens[Math.max(0, at)] ?? '';
  const spentAt = model.spentAt(token);
  const late = spentAt !== undefined && model.now() - spentAt > GRACE_MS;
  const refresh = (service: SessionService) => service.refresh(one.sessionId, token, CLIENT);
  const answers = await Promise.all(Array.from({ length: times }, () => model.run(refresh)));
  if (one.dead) return expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => 'ended'));
  if (late) {
    one.dead = true;
    expect(answers.map(({ outcome }) => outcome)).toEqual(
      answers.map((_answer, nth) => (nth === 0 ? 'reused' : 'ended')),
    );
    return;
  }
  const given = answers.map((answer) => (answer.outcome === 'refreshed' ? answer.refreshToken : answer.outcome));
  // However many come, there is one successor: the token after this one in the chain.
  expect(new Set(given).size).toBe(1);
  const [successor = ''] = given;
  if (spentAt === undefined) one.tokens.push(successor);
  else expect(successor).toBe(one.tokens[one.tokens.indexOf(token) + 1]);
};

const carryOut = async (model: Model, families: Family[], act: Act): Promise<void> => {
  if (act.kind === 'wait') return model.wait(act.ms);
  if (act.kind === 'login') return void families.push(await open(model));
  const one = families[act.family % families.length];
  if (!one) return;
  if (act.kind === 'present') return present(model, one, ages[act.age], act.times);
  if (act.kind === 'logout') {
    await model.run((service) => service.end(one.sessionId));
    one.dead = true;
    return;
  }
  const keep = one.sessionId;
  await model.run((service) => service.endAll(userId, 'password', keep));
  for (const other of families) if (other !== one) other.dead = true;
};

describe('the chain of refresh tokens', () => {
  it('stays true to itself whatever is done to it, in whatever order', () =>
    fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 1, maxLength: 40 }), async (acts) => {
        const model = startModel();
        const families = [await open(model), await open(model)];
        for (const act of acts) await carryOut(model, families, act);
        // Nothing that ever belonged to a dead family opens anything, now or later, and its access tokens are recalled.
        for (const { dead, tokens, sessionId } of families) {
          expect(model.isOpen(sessionId)).toBe(!dead);
          expect(model.recalled.has(sessionId)).toBe(dead);
          if (!dead) continue;
          for (const token of tokens) {
            const { outcome } = await model.run((service) => service.refresh(sessionId, token, CLIENT));
            expect(outcome).toBe('ended');
          }
        }
        // Reuse kills its own family and is told once; no other family is touched by it.
        expect(model.reuses).toHaveLength(new Set(model.reuses).size);
      }),
      { numRuns: 500 },
    ));

  it('ends for good, even for a descendant that is on its way', async () => {
    const model = startModel();
    const one = await open(model);
    await present(model, one, 0, 1);
    await present(model, one, 0, 1);
    model.wait(GRACE_MS + 1);
    const [first, , third] = one.tokens.map((token) =>
      model.run((service) => service.refresh(one.sessionId, token, CLIENT)),
    );
    expect((await first)?.outcome).toBe('reused');
    expect((await third)?.outcome).toBe('ended');
  });

  it('gives no older generation a new life by its grace', async () => {
    const model = startModel();
    const one = await open(model);
    await present(model, one, 0, 1);
    model.wait(GRACE_MS - 1_000);
    await present(model, one, 0, 1);
    model.wait(2_000);
    // The parent is in its own grace; the grandparent is not, whatever happened to its descendants.
    await present(model, one, 1, 1);
    expect(one.dead).toBe(false);
    await present(model, one, 2, 1);
    expect(one.dead).toBe(true);
  });
});

/** A tab refreshes with what it last read; answers take their time, and some are lost. */
interface Tab {
  readonly startsAt: number;
  readonly sends: number;
  readonly answers: number;
  readonly lost: boolean;
}
const anyTab: fc.Arbitrary<Tab> = fc.record({
  startsAt: fc.nat({ max: 3_000 }),
  sends: fc.nat({ max: 2_000 }),
  answers: fc.nat({ max: 2_000 }),
  lost: fc.boolean(),
});

/** Everybody wakes at about the same time, once a round; whoever lost an answer tries again soon. */
const playRound = async (model: Model, sessionId: string, shared: { token: string }, tabs: readonly Tab[]) => {
  const begins = model.now();
  const events: { at: number; happen: () => Promise<void> }[] = [];
  const plan = (at: number, happen: () => Promise<void>): void => void events.push({ at, happen });
  const outcomes: string[] = [];
  const ask = (tab: Tab, at: number, lost: boolean): void =>
    plan(at, async () => {
      const token = shared.token;
      plan(at + tab.sends, async () => {
        const answer = await model.run((service) => service.refresh(sessionId, token, CLIENT));
        outcomes.push(answer.outcome);
        if (answer.outcome !== 'refreshed') return;
        if (lost) return ask(tab, at + tab.sends + 1_000, false);
        // What all tabs share is replaced by whoever gets an answer, unless it has moved on since.
        plan(at + tab.sends + tab.answers, async () => {
          if (shared.token === token) shared.token = answer.refreshToken;
        });
      });
    });
  for (const tab of tabs) ask(tab, begins + tab.startsAt, tab.lost);
  while (events.length > 0) {
    events.sort((a, b) => a.at - b.at);
    const next = events.shift();
    if (!next) break;
    model.wait(Math.max(0, next.at - model.now()));
    await next.happen();
  }
  return outcomes;
};

describe('tabs that share a session', () => {
  it(
    'are never signed out by refreshing at once, in 10 000 runs',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(anyTab, { minLength: 2, maxLength: 6 }),
          fc.integer({ min: 1, max: 2 }),
          async (tabs, rounds) => {
            const model = startModel();
            const { sessionId, refreshToken } = await model.run((service) =>
              service.open(userId, model.workspaceId, CLIENT),
            );
            const shared = { token: refreshToken };
            for (let round = 0; round < rounds; round += 1) {
              const outcomes = await playRound(model, sessionId, shared, tabs);
              if (outcomes.some((outcome) => outcome !== 'refreshed'))
                throw new Error(`signed out: ${outcomes.join()}`);
              model.wait(900_000);
            }
          },
        ),
        { numRuns: 10_000 },
      ),
    120_000,
  );
});
