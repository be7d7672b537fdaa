import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '@atrium/contracts';
import { claimsOf } from './tokens.ts';
import { send, type Answer, type Sending } from './http.ts';
import type { Platform, Reach } from './platform.ts';

export const PASSWORD = 'a long pass phrase of ours';

/** Somebody who is signed in to a workspace in a role. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly role: Role;
  readonly token: string;
  readonly refreshToken: string;
  readonly sessionId: string;
  /** Calls the gateway, by a path below `/api/v1`, as this person. */
  call(method: string, path: string, body?: unknown, more?: Sending): Promise<Answer>;
}

interface Entered {
  readonly user: { id: string; email: string; name: string };
  readonly workspace: { id: string };
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A name that no other text contains. */
export const canary = (): string => `canary-${randomBytes(6).toString('hex')}`;

/** What an answer must have been, where the rest makes no sense without it. */
export const must = (answer: Answer, what: string): Readonly<Record<string, unknown>> => {
  if (answer.status < 300) return answer.json;
  throw new Error(`${what} was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
};

/** Sends again what was refused only because too many hashed at once. */
export const patiently = async (work: () => Promise<Answer>): Promise<Answer> => {
  for (let tries = 1; ; tries += 1) {
    const answer = await work();
    if (answer.status !== 503 || tries === 40) return answer;
    await sleep(100);
  }
};

const personOf = (platform: Pick<Reach, 'gateway'>, entered: Entered, role: Role, password = PASSWORD): Person => ({
  id: entered.user.id,
  email: entered.user.email,
  name: entered.user.name,
  password,
  workspaceId: entered.workspace.id,
  role,
  token: entered.accessToken,
  refreshToken: entered.refreshToken,
  sessionId: claimsOf(entered.accessToken).sid ?? '',
  call: (method, path, body, more) =>
    send(`${platform.gateway}/api/v1${path}`, { method, body, token: entered.accessToken, ...more }),
});

/** Somebody new, owner of a workspace of their own. */
export const signUp = async (platform: Pick<Reach, 'gateway'>): Promise<Person> => {
  const name = canary();
  const body = { email: `${name}@example.com`, password: PASSWORD, name, workspaceName: name };
  const answer = await patiently(() => send(`${platform.gateway}/api/v1/auth/register`, { method: 'POST', body }));
  return personOf(platform, must(answer, 'registering') as unknown as Entered, 'owner');
};

/** Another session of the same person, in the workspace where they registered. */
export const signIn = async (platform: Platform, { email, password }: Person): Promise<Person> => {
  const body = { email, password };
  const answer = await patiently(() => send(`${platform.gateway}/api/v1/auth/login`, { method: 'POST', body }));
  const entered = must(answer, 'signing in') as unknown as Entered;
  return personOf(platform, entered, claimsOf(entered.accessToken).role, password);
};

/** Somebody new who joins the owner's workspace in a role, and is signed in to it. */
export const join = async (platform: Platform, owner: Person, role: Role): Promise<Person> => {
  const guest = await signUp(platform);
  await platform.database.query(
    `insert into auth.members (workspace_id, user_id, role, created_at) values ($1, $2, $3, now())`,
    [owner.workspaceId, guest.id, role],
  );
  const { refreshToken } = guest;
  const moved = await guest.call('POST', `/workspaces/${owner.workspaceId}/switch`, { refreshToken });
  const { accessToken, ...rest } = must(moved, 'switching the workspace') as unknown as Entered;
  const user = { id: guest.id, email: guest.email, name: guest.name };
  return personOf(platform, { ...rest, accessToken, user, workspace: { id: owner.workspaceId } }, role);
};
