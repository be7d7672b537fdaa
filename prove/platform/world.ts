import { readOperations, type Operation } from '../api/operations.ts';
import { join, signIn, signUp, type Person } from './people.ts';
import type { Platform } from './platform.ts';

/** A workspace with somebody in every role. */
export interface House {
  readonly owner: Person;
  readonly admin: Person;
  readonly member: Person;
  readonly viewer: Person;
}

/** People and operations, made when they are first asked for. */
export interface World {
  /** The workspace that is attacked. */
  house(): Promise<House>;
  /** The owner of another workspace, who attacks. */
  stranger(): Promise<Person>;
  operations(): Promise<readonly Operation[]>;
  /** Somebody of one's own, to be disabled, signed out and removed. */
  newcomer(): Promise<Person>;
  joining(owner: Person, role: Person['role']): Promise<Person>;
  again(person: Person): Promise<Person>;
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

export const createWorld = (platform: Platform): World => ({
  house: once(async () => {
    const owner = await signUp(platform);
    const [admin, member, viewer] = await Promise.all([
      join(platform, owner, 'admin'),
      join(platform, owner, 'member'),
      join(platform, owner, 'viewer'),
    ]);
    return { owner, admin, member, viewer };
  }),
  stranger: once(() => signUp(platform)),
  operations: once(() => readOperations(platform)),
  newcomer: () => signUp(platform),
  joining: (owner, role) => join(platform, owner, role),
  again: (person) => signIn(platform, person),
});
