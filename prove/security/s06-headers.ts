import { countFaults, type Proof } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import { must, signIn } from '../platform/people.ts';
import { readOf } from './reads.ts';

const SPOOFED = '203.0.113.66';

/** Headers do not say who somebody is, nor where they come from. */
export const headers: Proof = {
  id: 'S6',
  title: 'identity headers',
  gate: '0 honoured',
  async run({ platform, world, short, random }) {
    const { owner } = await world.house();
    const person = await world.newcomer();
    const claims = {
      'X-User-Id': owner.id,
      'X-Tenant-Id': owner.workspaceId,
      'X-Workspace-Id': owner.workspaceId,
      'X-Role': 'owner',
      'X-Actor': 'agent-orchestrator',
      'X-Service': 'auth',
      'X-Authenticated-User': owner.email,
      'X-Remote-User': owner.email,
      'X-Forwarded-User': owner.email,
      'X-Forwarded-Email': owner.email,
      'X-Internal': '1',
      'X-Session-Id': owner.sessionId,
    };
    const variants: [string, Record<string, string | readonly string[]>][] = [
      ...Object.entries(claims).flatMap(([name, value]): [string, Record<string, string | readonly string[]>][] => [
        [name, { [name]: value }],
        [name.toUpperCase(), { [name.toUpperCase()]: value }],
        [`${name} with underscores`, { [name.replaceAll('-', '_')]: value }],
        [`${name} twice`, { [name]: [value, person.id] }],
        [`${name} named in Connection`, { [name]: value, Connection: `${name}, keep-alive` }],
      ]),
      ['all at once', claims],
      ['X-HTTP-Method-Override', { 'X-HTTP-Method-Override': 'DELETE', 'X-Method-Override': 'DELETE' }],
      ['X-Original-URL', { 'X-Original-URL': '/internal/revocations', 'X-Rewrite-URL': '/internal/revocations' }],
      [
        'X-Forwarded-Prefix',
        {
          'X-Forwarded-Prefix': '/internal',
          'X-Forwarded-Host': 'evil.example',
          Forwarded: `for=${SPOOFED};host=evil.example`,
        },
      ],
      [
        'a cookie',
        { Cookie: `token=${owner.token}; access_token=${owner.token}; Authorization=Bearer ${owner.token}` },
      ],
      [
        'a token in another header',
        {
          'X-Access-Token': owner.token,
          'X-Authorization': `Bearer ${owner.token}`,
          'Proxy-Authorization': `Bearer ${owner.token}`,
        },
      ],
    ];
    const faults: string[] = [];
    let sent = 0;
    for (const { service, host, path } of readOf(platform)) {
      const own = await send(host + path, { token: person.token });
      for (const [name, more] of short ? random.shuffle(variants).slice(0, 24) : variants) {
        sent += 2;
        const nobody = await send(host + path, { headers: more });
        if (nobody.status !== 401) faults.push(`${service} answers ${nobody.status} to ${name} and no token`);
        const somebody = await send(host + path, { token: person.token, headers: more });
        const lost = somebody.status === 400 || somebody.status === 401;
        if (!lost && somebody.text !== own.text) faults.push(`${service} answers something else to ${name}`);
      }
      for (const query of [`access_token=${owner.token}`, `token=${owner.token}`, `userId=${owner.id}`]) {
        sent += 1;
        const answer = await send(`${host}${path}?${query}`);
        if (answer.status !== 401) faults.push(`${service} answers ${answer.status} to ?${query.slice(0, 20)}…`);
      }
    }
    // Where somebody comes from is what the gateway saw.
    const forwarded = {
      'X-Forwarded-For': SPOOFED,
      'X-Real-IP': SPOOFED,
      'True-Client-IP': SPOOFED,
      'CF-Connecting-IP': SPOOFED,
      'X-Client-IP': SPOOFED,
      Forwarded: `for=${SPOOFED}`,
    };
    for (const [name, value] of Object.entries(forwarded)) {
      sent += 1;
      const body = { email: person.email, password: person.password };
      must(
        await send(`${platform.gateway}/api/v1/auth/login`, { method: 'POST', body, headers: { [name]: value } }),
        'signing in',
      );
    }
    const again = await signIn(platform, person);
    const sessions = await again.call('GET', '/auth/sessions?limit=100');
    if (sessions.text.includes(SPOOFED))
      faults.push(`a session is said to come from the address that a client made up`);
    const audit = await platform.database.query(`select 1 from auth.audit_log where host(ip) = $1`, [SPOOFED]);
    if (audit.length > 0) faults.push('the audit log has the address that a client made up');
    return countFaults(faults, `${sent} requests`);
  },
};
