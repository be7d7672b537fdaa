import { randomUUID } from 'node:crypto';
import { isAllowed, permissions, roles, type Role } from '@atrium/contracts';
import { countFaults, type Proof } from '../harness/proof.ts';
import { inParallel } from '../harness/pool.ts';
import { doorsOf, fill, nowhere } from '../api/place.ts';
import { openInside } from '../api/reviewed.ts';
import { routesServed } from '../platform/served.ts';
import { send } from '../platform/http.ts';
import { must } from '../platform/people.ts';
import { claimsOf, resign } from '../platform/tokens.ts';

const AT_ONCE = 8;

/** Every operation as every role, at both doors, against the one table; and every internal route as every role. */
export const roleMatrix: Proof = {
  id: 'S2',
  title: 'role matrix',
  gate: '0 cells that differ from the permission table',
  async run({ platform, world }) {
    const [house, operations] = [await world.house(), await world.operations()];
    const faults: string[] = [];
    let cells = 0;
    for (const role of roles) {
      const said = must(await house[role].call('GET', '/auth/me'), 'reading oneself')['role'];
      if (said !== role) faults.push(`a ${role} is told to be ${String(said)}`);
    }
    const served = must(await house.owner.call('GET', '/auth/permissions'), 'reading the table');
    const told = JSON.stringify(served);
    for (const name of Object.keys(permissions))
      if (!told.includes(name)) faults.push(`${name} is not in the served table`);

    // Who may, does: so they are nobody's, with a session of their own that they may well end.
    const nobody = (role: Role): string =>
      resign(house[role].token, { sub: randomUUID(), sid: randomUUID(), role }, platform.privateKey);
    await inParallel(operations, AT_ONCE, async (operation) => {
      const { id, method, permission } = operation;
      if (permission === 'public') return;
      if (!(permission in permissions)) return void faults.push(`${id}: ${permission} is not in the table`);
      for (const role of roles)
        for (const { door, host } of doorsOf(operation, platform)) {
          cells += 1;
          const may = isAllowed(permission, { role });
          const token = may ? nobody(role) : house[role].token;
          const answer = await send(host + fill(operation, nowhere(operation)), { method, token });
          const refused = answer.status === 403 && answer.json['code'] === 'access.forbidden';
          if (answer.status === 401 && may && claimsOf(token).role !== role) continue;
          if (refused === may)
            faults.push(`${id} at the ${door} as ${role}: ${answer.status}, the table says ${may ? 'yes' : 'no'}`);
        }
    });

    for (const { service, method, path } of (await routesServed(platform)).filter((one) =>
      one.path.startsWith('/internal'),
    ))
      for (const role of roles) {
        cells += 1;
        const url = path.replace(/:\w+/g, randomUUID());
        const own = await send(`${platform.urls[service]}${url}`, {
          method,
          token: house[role].token,
          body: method === 'GET' ? undefined : {},
        });
        if (own.status < 400 && !(`${method} ${path}` in openInside))
          faults.push(`${service} answers ${own.status} to a ${role} at ${method} ${path}`);
        const outside = await send(`${platform.gateway}${url}`, {
          method,
          token: house[role].token,
          body: method === 'GET' ? undefined : {},
        });
        if (outside.status !== 404) faults.push(`the gateway answers ${outside.status} at ${method} ${path}`);
      }
    return countFaults(faults, `${cells} cells`);
  },
};
