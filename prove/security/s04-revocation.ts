import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults, type Finding, type Proof, type ProofContext } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import { must, type Person } from '../platform/people.ts';
import { readOf } from './reads.ts';

const MOST_MS = 1_000;
const PER_SECOND = 200;
/** The short form also runs where others use the machine, and answers of a queue would come late. */
const SHORT_PER_SECOND = 80;

/** Ways to take somebody's access away; each is given somebody of its own. */
const ways: { name: string; end(victim: Person, owner: Person): Promise<void> }[] = [
  {
    name: 'the session was ended',
    end: async (victim) => void must(await victim.call('POST', '/auth/logout'), 'logging out'),
  },
  {
    name: 'the role was changed',
    end: async ({ id, workspaceId }, owner) =>
      void must(
        await owner.call('PATCH', `/workspaces/${workspaceId}/members/${id}`, { role: 'viewer' }),
        'changing a role',
      ),
  },
  {
    name: 'the user was disabled',
    end: async ({ id }, owner) => void must(await owner.call('PUT', `/users/${id}`, { disabled: true }), 'disabling'),
  },
  {
    name: 'every session was ended',
    end: async (victim) => void must(await victim.call('POST', '/auth/logout-all'), 'logging out everywhere'),
  },
];

/** Uses a token at every door while it is taken away. @returns milliseconds to the last use that was accepted, by door */
const raceAgainst = async (
  { platform, short }: ProofContext,
  victim: Person,
  end: () => Promise<void>,
  forMs: number,
): Promise<Map<string, { last: number; used: number }>> => {
  const doors = readOf(platform);
  const uses: { service: string; at: number; accepted: boolean }[] = [];
  let going = true;
  const load = Promise.all(
    doors.map(async ({ service, host, path }, index) => {
      const gap = (1_000 / (short ? SHORT_PER_SECOND : PER_SECOND)) * doors.length;
      await sleep((gap * index) / doors.length);
      const pending: Promise<void>[] = [];
      for (let next = performance.now(); going; next += gap) {
        await sleep(Math.max(0, next - performance.now()));
        const sent = performance.now();
        pending.push(
          send(host + path, { token: victim.token }).then(
            // The long form counts until the answer, which is later than the use. The short form counts what was sent
            // after the commit: how long a busy machine takes for an answer is not what it is about.
            ({ status }) => void uses.push({ service, at: short ? sent : performance.now(), accepted: status < 400 }),
            () => undefined,
          ),
        );
      }
      await Promise.all(pending);
    }),
  );
  await sleep(300);
  await end();
  const ended = performance.now();
  await sleep(forMs);
  going = false;
  await load;
  return new Map(
    doors.map(({ service }) => {
      const own = uses.filter((use) => use.service === service);
      const last = Math.max(0, ...own.filter(({ accepted }) => accepted).map(({ at }) => at - ended));
      return [service, { last, used: own.filter(({ accepted, at }) => accepted && at < ended).length }];
    }),
  );
};

const WITH = 'with Redis';

/** What was taken away is gone everywhere within a second, with Redis and without. */
export const revocation: Proof = {
  id: 'S4',
  title: 'revocation under load',
  gate: `last accepted use at most ${MOST_MS} ms after the commit, at every service, with Redis and without`,
  async run(context): Promise<Finding> {
    const { platform, world, short } = context;
    const { owner } = await world.house();
    const faults: string[] = [];
    let worst = 0;
    const chosen = short ? ways.slice(0, 2) : ways;
    const attack = async (redis: string): Promise<void> => {
      for (const { name, end } of short ? [chosen[redis === WITH ? 1 : 0]].flatMap((way) => way ?? []) : chosen) {
        const victim = victims.shift() ?? owner;
        const found = await raceAgainst(context, victim, () => end(victim, owner), short ? 1_300 : 2_500);
        for (const [service, { last, used }] of found) {
          worst = Math.max(worst, last);
          if (used === 0) faults.push(`${service} never accepted the token before ${name}, ${redis}`);
          if (last > MOST_MS) faults.push(`${service} accepted it ${Math.round(last)} ms after ${name}, ${redis}`);
        }
        context.say(`${name}, ${redis}: ${Math.round(Math.max(...[...found.values()].map(({ last }) => last)))} ms`);
      }
    };
    const victims: Person[] = [];
    for (let at = 0; at < chosen.length * 2; at += 1) victims.push(await world.joining(owner, 'member'));
    await attack(WITH);
    platform.redis.cut();
    try {
      await sleep(1_000);
      await attack('without Redis');
    } finally {
      platform.redis.mend();
    }
    await sleep(1_500);
    const done = `${chosen.length} ways at ${short ? SHORT_PER_SECOND : PER_SECOND} requests/s, with Redis and without; worst ${Math.round(worst)} ms`;
    return { ...countFaults(faults, done), figure: Math.round(worst) };
  },
};
