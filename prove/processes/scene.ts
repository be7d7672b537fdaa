import type { OwnContext } from '../harness/proof.ts';
import { signUp, type Person } from '../platform/people.ts';
import { resign } from '../platform/tokens.ts';
import { send } from '../platform/http.ts';
import type { Scene } from '../faults/workload.ts';
import { timeUntil } from './recovery.ts';
import { startProcessPlatform, type ProcessPlatform } from './platform.ts';

export interface ProcessScene extends Scene {
  readonly platform: ProcessPlatform;
}

const HOURS = 3 * 3_600;

const TRIES = 5;

/** Registering takes no key, so whoever got no answer registers as somebody else. */
const signUpInTheEnd = async (platform: ProcessPlatform): Promise<Person> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await signUp(platform);
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
};

/** Somebody new whose token outlives the longest proof. */
const newcomer = async (platform: ProcessPlatform): Promise<Person> => {
  const person = await signUpInTheEnd(platform);
  const token = resign(person.token, { exp: Math.floor(Date.now() / 1_000) + HOURS }, platform.privateKey);
  return {
    ...person,
    token,
    call: (method, path, body, more) => send(`${platform.gateway}/api/v1${path}`, { method, body, token, ...more }),
  };
};

/** Starts a platform of processes, does something to it, and ends it whatever happened. */
export const onProcesses = async <Result>(
  context: OwnContext,
  options: { settings?: NodeJS.ProcessEnv; hold?: boolean },
  work: (scene: ProcessScene) => Promise<Result>,
): Promise<Result> => {
  const platform = await startProcessPlatform({ ...options, say: context.say });
  try {
    return await work({ platform, random: context.random, world: { newcomer: () => newcomer(platform) } });
  } finally {
    await platform.close();
  }
};

const hasMoney = async (person: Person): Promise<boolean> => {
  const { status, json } = await person.call('GET', '/billing/balance');
  return status === 200 && Number(json['available']) > 0 && json['held'] === 0;
};

/** So many people whose first credit has come. */
export const peopleWithMoney = async ({ world }: Scene, count: number): Promise<Person[]> => {
  const people: Person[] = [];
  for (let number = 0; number < count; number += 1) people.push(await world.newcomer());
  await Promise.all(people.map((person) => timeUntil(() => hasMoney(person))));
  return people;
};
