import WebSocket from 'ws';
import { METHODS } from '../api/operations.ts';
import { undocumentedByDesign } from '../api/reviewed.ts';
import { countFaults, type Proof } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { routesServed } from '../platform/served.ts';
import { readOf } from './reads.ts';

const FOREIGN = 'https://evil.example';
const ODD = ['TRACE', 'CONNECT', 'PROPFIND', 'SEARCH', 'PURGE', 'LINK', 'MKCOL', 'COPY', 'LOCK', 'REPORT', 'QUERY'];
const HIDDEN = [
  '/admin',
  '/debug',
  '/debug/pprof',
  '/.env',
  '/.git/config',
  '/internal',
  '/internal/holds',
  '/server-status',
  '/graphql',
  '/actuator',
  '/console',
  '/metrics/..%2f..%2fetc/passwd',
  '/docs/..%2f..%2f..%2fetc%2fpasswd',
  '/docs/%2e%2e/%2e%2e/package.json',
  '//internal/revocations',
  '/api/v1/..%2f..%2finternal/revocations',
  '/api/v1/%2e%2e/%2e%2e/internal/revocations',
  '/api/v1/auth/..;/internal/revocations',
];

/** The routers of the services, against their documents. */
const undocumented = async (platform: Platform): Promise<{ faults: string[]; routes: number }> => {
  const faults: string[] = [];
  const served = await routesServed(platform);
  for (const [service, url] of Object.entries(platform.urls)) {
    const { json } = await send(`${url}/openapi.json`);
    const paths = (json['paths'] ?? {}) as Record<string, Record<string, unknown>>;
    const listed = new Set(
      Object.entries(paths).flatMap(([path, item]) =>
        METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
      ),
    );
    const own = served.filter((one) => one.service === service);
    if (own.length === 0 && service !== 'gateway') faults.push(`${service}: its router could not be read`);
    for (const { method, path } of own) {
      const name = `${method} ${path.replace(/:(\w+)/g, '{$1}')}`;
      // Internal routes are left out of documents; that they let nobody in is the role matrix's to show.
      if (path.startsWith('/internal/') || listed.has(name) || name in undocumentedByDesign) continue;
      faults.push(`${service} serves ${name} and does not say so`);
    }
  }
  return { faults, routes: served.length };
};

/** Whether a WebSocket of a foreign page is taken. */
const opens = (url: string, options: WebSocket.ClientOptions, protocols?: string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, protocols ?? [], options);
    const end = (open: boolean): void => (socket.terminate(), resolve(open));
    socket.on('open', () => end(true));
    socket.on('error', () => resolve(false));
    socket.on('unexpected-response', () => end(false));
    setTimeout(() => end(false), 3_000).unref();
  });

/** Nothing is served that is not documented, by no odd method, and to no foreign page. */
export const routes: Proof = {
  id: 'S23',
  title: 'undocumented routes, odd methods, foreign pages',
  gate: '0 undocumented, 0 odd methods, 0 foreign origins',
  async run({ platform, world }) {
    const { faults, routes: count } = await undocumented(platform);
    const person = await world.newcomer();
    let requests = 0;
    for (const { service, host, path } of readOf(platform)) {
      for (const method of ODD) {
        requests += 1;
        const answer = await send(host + path, { method, token: person.token }).catch(() => undefined);
        if (answer && answer.status < 400) faults.push(`${service} answers ${answer.status} to ${method}`);
        if (answer && answer.status >= 500 && answer.status !== 501)
          faults.push(`${service} answers ${answer.status} to ${method}`);
        if (answer?.text.includes(person.token)) faults.push(`${service} sends the token back to ${method}`);
      }
      for (const hidden of HIDDEN.filter((one) => service === 'gateway' || !one.includes('internal'))) {
        requests += 1;
        const answer = await send(host + hidden, { token: person.token });
        if (answer.status < 400 && !answer.headers['content-type']?.startsWith('text/html'))
          faults.push(`${service} answers ${answer.status} at ${hidden}`);
        if (/root:|"dependencies"|"revocations"/.test(answer.text))
          faults.push(`${service} gives out a file or an internal answer at ${hidden}`);
      }
      for (const origin of [FOREIGN, 'null', host.replace('127.0.0.1', '127.0.0.1.evil.example')]) {
        requests += 2;
        const headers = {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        };
        const answers = [
          await send(host + path, { token: person.token, headers: { origin } }),
          await send(host + path, { method: 'OPTIONS', headers }),
        ];
        for (const answer of answers) {
          const allowed = answer.headers['access-control-allow-origin'];
          if (allowed === '*' || allowed === origin) faults.push(`${service} lets pages of ${origin} read its answers`);
        }
      }
      for (const [name, headers, body] of [
        ['text/plain', { 'content-type': 'text/plain' }, '{"title":"x"}'],
        ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'title=x'],
        ['no type', { 'content-type': '' }, '{"title":"x"}'],
      ] as const) {
        requests += 1;
        const answer = await send(`${platform.gateway}/api/v1/conversations`, {
          method: 'POST',
          token: person.token,
          headers,
          body,
        });
        if (answer.status < 400) faults.push(`${service} takes a body sent as ${name}, which a foreign page may send`);
      }
      const answer = await send(host + path, { token: person.token });
      if (answer.headers['x-powered-by'] !== undefined) faults.push(`${service} says what it is made with`);
      if (answer.headers['x-content-type-options'] !== 'nosniff') faults.push(`${service} lets browsers guess types`);
    }
    const live = `${platform.gateway.replace('http', 'ws')}/ws`;
    const authorization = `Bearer ${person.token}`;
    if (!(await opens(live, { headers: { authorization } })))
      faults.push('the WebSocket does not open for a program, so a refusal proves nothing');
    for (const origin of [FOREIGN, 'null', 'https://app.example.com.evil.example']) {
      requests += 2;
      if (await opens(live, { origin, headers: { authorization } })) faults.push(`a WebSocket of ${origin} is taken`);
      if (await opens(`${live}?token=${person.token}`, { origin }))
        faults.push(`a WebSocket of ${origin} with its token in the address is taken`);
    }
    return countFaults(faults, `${count} routes, ${requests} requests`);
  },
};
