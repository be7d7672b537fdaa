import { countFaults, type Proof } from '../harness/proof.ts';
import { inParallel } from '../harness/pool.ts';
import type { Random } from '../harness/random.ts';
import { send, type Answer } from '../platform/http.ts';
import type { Person } from '../platform/people.ts';
import { PASSWORD } from '../platform/people.ts';
import type { Platform } from '../platform/platform.ts';

const NEW_PASSWORD = 'a second pass phrase of ours';
const STEPS = [
  'refresh',
  'refresh',
  'refresh',
  'tabs',
  'parent',
  'late parent',
  'grandparent',
  'logout',
  'password',
] as const;
type Step = (typeof STEPS)[number];

/** A family of refresh tokens as it must be: which are spent, and whether it lives. */
const createFamily = (platform: Platform, person: Person) => {
  const tokens = [person.refreshToken];
  let access = person.token;
  let alive = true;
  const faults: string[] = [];
  const refresh = (refreshToken: string): Promise<Answer> =>
    send(`${platform.gateway}/api/v1/auth/refresh`, { method: 'POST', body: { refreshToken } });
  const take = (answer: Answer): void => {
    tokens.push(String(answer.json['refreshToken']));
    access = String(answer.json['accessToken']);
  };
  const latest = (): string => tokens.at(-1) ?? '';
  /** As if the grace had passed since the tokens of this family were spent. */
  const passGrace = () =>
    platform.database.query(
      `update auth.refresh_tokens set spent_at = spent_at - interval '11 seconds' where session_id = $1`,
      [person.sessionId],
    );
  const expect = (step: Step, answer: Answer, good: boolean): void => {
    if ((answer.status === 200) !== good)
      faults.push(`${step} was answered ${answer.status} ${String(answer.json['code'])}`);
  };
  /** Sends a spent token again: inside the grace it gets the successor it had, or else the family ends. */
  const replay = async (step: Step, old: string, successor: string, forgiven: boolean): Promise<void> => {
    const answer = await refresh(old);
    const repeats = alive && forgiven;
    expect(step, answer, repeats);
    if (repeats && answer.json['refreshToken'] !== successor) faults.push(`${step} made a second successor`);
    if (!repeats) alive = false;
  };
  const steps: Record<Step, () => Promise<void>> = {
    refresh: async () => {
      const answer = await refresh(latest());
      expect('refresh', answer, alive);
      if (answer.status === 200) take(answer);
    },
    tabs: async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(latest())));
      for (const answer of answers) expect('tabs', answer, alive);
      const successors = new Set(
        answers.filter(({ status }) => status === 200).map(({ json }) => json['refreshToken']),
      );
      if (successors.size > 1) faults.push(`20 tabs at once got ${successors.size} successors`);
      const [first] = answers;
      if (first?.status === 200) take(first);
    },
    parent: async () => {
      const [old, successor] = tokens.slice(-2);
      if (old !== undefined && successor !== undefined) await replay('parent', old, successor, true);
    },
    'late parent': async () => {
      const old = tokens.at(-2);
      if (old === undefined) return;
      await passGrace();
      await replay('late parent', old, '', false);
    },
    grandparent: async () => {
      const old = tokens.at(-3);
      if (old === undefined) return;
      await passGrace();
      await replay('grandparent', old, '', false);
    },
    logout: async () => {
      const answer = await send(`${platform.gateway}/api/v1/auth/logout`, { method: 'POST', token: access });
      if ((answer.status === 204) !== alive) faults.push(`logout was answered ${answer.status}`);
      alive = false;
    },
    password: async () => {
      const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
      await send(`${platform.gateway}/api/v1/users/password`, { method: 'PUT', token: access, body });
    },
  };
  return { steps, faults, isAlive: () => alive, refresh, all: tokens };
};

const plan = (random: Random): Step[] => Array.from({ length: 4 + random.int(6) }, () => random.pick(STEPS));

/** Random lives of sessions, against what a session must do: nobody is signed out by accident, and no theft goes on. */
export const refreshing: Proof = {
  id: 'S9',
  title: 'refresh rotation, live',
  gate: '0 families alive after reuse, 0 false logouts, 1 successor at a time',
  async run({ platform, world, random, short }) {
    const faults: string[] = [];
    const lives = Array.from({ length: short ? 6 : 200 }, () => plan(random));
    let done = 0;
    await inParallel(lives, 3, async (life) => {
      const family = createFamily(platform, await world.newcomer());
      for (const step of life) {
        // Changing the password ends the other sessions and not this one; the access token is replaced by a refresh.
        await family.steps[step]();
        done += 1;
      }
      if (!family.isAlive())
        for (const token of family.all)
          if ((await family.refresh(token)).status === 200) faults.push(`a family was alive after ${life.join(', ')}`);
      faults.push(...family.faults.map((fault) => `${fault} in ${life.join(', ')}`));
    });
    let tabs = 0;
    const person = await world.newcomer();
    let refreshToken = person.refreshToken;
    for (let run = 0; run < (short ? 5 : 500); run += 1) {
      const body = { refreshToken };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => send(`${platform.gateway}/api/v1/auth/refresh`, { method: 'POST', body })),
      );
      tabs += answers.length;
      const successors = new Set(answers.map(({ json }) => json['refreshToken']));
      for (const { status } of answers) if (status !== 200) faults.push(`one of 20 tabs was answered ${status}`);
      if (successors.size !== 1) faults.push(`20 tabs got ${successors.size} successors`);
      refreshToken = String([...successors][0]);
    }
    return countFaults(faults, `${lives.length} random lives with ${done} steps, ${tabs} parallel refreshes`);
  },
};
