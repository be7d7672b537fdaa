import { countFaults, type Proof } from '../harness/proof.ts';
import { inParallel } from '../harness/pool.ts';
import { send } from '../platform/http.ts';
import { forgedTokens } from './forged/forged.ts';
import { readOf } from './reads.ts';

const LEAST = 80;

/** Forged and mangled access tokens, at the gateway and at every service's own port. */
export const tokens: Proof = {
  id: 'S8',
  title: 'forged access tokens',
  gate: `0 accepted of at least ${LEAST}, at every door`,
  async run({ platform, world, random }) {
    const person = await world.newcomer();
    const admin = (await world.house()).owner;
    const jwks = await send(`${platform.gateway}/.well-known/jwks.json`);
    const forged = await forgedTokens({
      person,
      victim: admin,
      privateKey: platform.privateKey,
      jwks: jwks.json,
      random,
    });
    const faults: string[] = [];
    let sent = 0;
    for (const { service, host, path } of readOf(platform)) {
      const real = await send(host + path, { token: person.token });
      if (real.status !== 200)
        faults.push(`${service} answers ${real.status} to the real token, so a refusal proves nothing`);
      await inParallel(forged, 8, async ({ name, token, header }) => {
        sent += 1;
        const authorization = header ?? `Bearer ${token}`;
        const answer = await send(host + path, { headers: { authorization } }).catch(() => undefined);
        if (answer && answer.status < 400) faults.push(`${service} accepts ${name}`);
        else if (answer && answer.status >= 500) faults.push(`${service} answers ${answer.status} to ${name}`);
      });
    }
    if (forged.length < LEAST) faults.push(`there are only ${forged.length} tokens`);
    return countFaults(faults, `${forged.length} tokens, ${sent} requests`);
  },
};
