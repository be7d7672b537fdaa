import { bodyFor, queryFor, settled } from '../../api/bodies.ts';
import type { Operation } from '../../api/operations.ts';
import { fill, makeIds, unreachable } from '../../api/place.ts';
import type { ProofContext } from '../../harness/proof.ts';
import { send } from '../../platform/http.ts';
import { rowsAtRest } from './rows.ts';

/** PUT, PATCH and DELETE repeated: they take no key, since twice is the same as once. @returns what is wrong */
export const repeatChange = async (
  { platform, world }: ProofContext,
  operation: Operation,
  schema: string,
): Promise<string | undefined> => {
  const missing = unreachable(operation);
  if (missing.length > 0) return `nothing makes ${missing.join(', ')}`;
  const person = await world.newcomer();
  await settled(person);
  const url = platform.gateway + fill(operation, await makeIds(operation, person, platform), queryFor(operation));
  const body = await bodyFor(operation, person, platform);
  const ask = () => send(url, { method: operation.method, token: person.token, body });
  const first = await ask();
  const before = await rowsAtRest(platform, schema, person);
  const again = await ask();
  const after = await rowsAtRest(platform, schema, person);
  if (first.status >= 500 || again.status >= 500) return `repeated, ${first.status} then ${again.status}`;
  return before === after ? undefined : `repeated: rows were ${before}, and are ${after}`;
};
