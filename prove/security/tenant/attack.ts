import { privateThings } from '../../api/reviewed.ts';
import { bodyFor, queryFor } from '../../api/bodies.ts';
import { weakestRole, type Operation } from '../../api/operations.ts';
import { doorsOf, fill, makeIds } from '../../api/place.ts';
import type { ProofContext } from '../../harness/proof.ts';
import { send, type Answer } from '../../platform/http.ts';
import type { Person } from '../../platform/people.ts';
import { resign } from '../../platform/tokens.ts';
import type { House } from '../../platform/world.ts';

/** What the attack on one operation needs. */
export interface Attack extends ProofContext {
  readonly house: House;
  readonly stranger: Person;
  fault(text: string): void;
  /** Counts a request. */
  sent(): void;
}

/** Found, whatever came of it: the object was there for who may. */
const FOUND = [400, 403, 409, 412, 422];

const EXPIRED_S = 3_600;
const strongerFirst = ['viewer', 'member', 'admin', 'owner'] as const;

const expired = ({ token }: Person, privateKey: string): string => {
  const now = Math.floor(Date.now() / 1_000);
  return resign(token, { iat: now - 2 * EXPIRED_S, exp: now - EXPIRED_S }, privateKey);
};

/** Sends an operation to both doors as each who must be refused, with things that are really there; then as who may. */
export const attackOperation = async (attack: Attack, operation: Operation): Promise<void> => {
  const { platform, house, stranger, fault, sent } = attack;
  const { id, method } = operation;
  const { owner } = house;
  const ids = await makeIds(operation, owner, platform);
  const path = fill(operation, ids, queryFor(operation));
  const ask = async (host: string, token: string | undefined, body: unknown): Promise<Answer> => {
    sent();
    return send(`${host}${path}`, { method, token, body });
  };
  const weakest = weakestRole(operation);
  const weaker = weakest && strongerFirst[strongerFirst.indexOf(weakest) - 1];
  const names = Object.values(ids);
  for (const { door, host } of doorsOf(operation, platform)) {
    const expect = async (who: string, token: string | undefined, body: unknown, status: number): Promise<void> => {
      const answer = await ask(host, token, body);
      if (answer.status === status) return;
      fault(`${id} at the ${door} as ${who}: ${answer.status} instead of ${status} ${answer.text.slice(0, 120)}`);
    };
    const foreign = await bodyFor(operation, stranger, platform);
    await expect('nobody', undefined, foreign, 401);
    await expect('owner with an expired token', expired(owner, platform.privateKey), foreign, 401);
    if (weaker) await expect(weaker, house[weaker].token, foreign, 403);
    if (names.length === 0) continue;
    await expect('a stranger', stranger.token, foreign, 404);
    if (privateThings.some((prefix) => operation.path.endsWith(prefix)))
      await expect('another of the same workspace', house.admin.token, foreign, 404);
  }
  // Without this a 404 would prove nothing: there must have been something to find.
  if (names.length === 0) return;
  const answer = await ask(platform.gateway, owner.token, await bodyFor(operation, owner, platform));
  if (answer.status >= 300 && !FOUND.includes(answer.status))
    fault(`${id} as the owner: ${answer.status}, so the others were refused for nothing ${answer.text.slice(0, 120)}`);
};
