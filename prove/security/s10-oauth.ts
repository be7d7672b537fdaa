import { createHash } from 'node:crypto';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { send, type Answer } from '../platform/http.ts';
import { canary } from '../platform/people.ts';

interface Visit {
  readonly asked: URLSearchParams;
  readonly url: string;
  readonly cookie: string;
}

const flow = ({ platform }: ProofContext) => {
  const { gateway, google } = platform;
  return {
    /** A new person at Google. */
    somebody(): string {
      const email = `${canary()}@example.com`;
      google.account = { sub: email, email, email_verified: true, name: 'Somebody' };
      return email;
    },
    async begin(query = ''): Promise<Visit> {
      const answer = await send(`${gateway}/api/v1/auth/google${query}`, { headers: { accept: 'application/json' } });
      const cookie = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
      const url = typeof answer.json['url'] === 'string' ? answer.json['url'] : '';
      return { asked: new URL(url || 'http://refused.test').searchParams, url, cookie };
    },
    /** What the browser brings back from Google. */
    async visit(url: string): Promise<URLSearchParams> {
      const answer = await send(url);
      return new URL(answer.headers.location ?? 'http://refused.test/').searchParams;
    },
    back: (query: URLSearchParams | string, cookie: string): Promise<Answer> =>
      send(`${gateway}/api/v1/auth/google/callback?${query.toString()}`, { headers: { cookie } }),
  };
};

const redirects = (callback: string): string[] => {
  const { protocol, host, pathname, origin } = new URL(callback);
  return [
    ...[
      `${callback}/`,
      `${callback}/..`,
      `${callback}/x`,
      `${callback}?x=1`,
      `${callback}#x`,
      `${callback}%00`,
      `${callback}%2f..`,
    ],
    ...[
      `${callback}.evil.example`,
      `${origin}.evil.example${pathname}`,
      `${origin}@evil.example${pathname}`,
      `${origin}:1${pathname}`,
    ],
    ...[`https://evil.example${pathname}`, `//evil.example${pathname}`, `${protocol}//evil.example/${host}${pathname}`],
    ...[callback.toUpperCase(), callback.replace('http:', 'https:'), callback.replace('127.0.0.1', 'localhost')],
    ...[
      callback.replace('/api/', '//api/'),
      callback.replace('/api/', '/./api/'),
      callback.replace('/api/', '/x/../api/'),
    ],
    ...[callback.replace('google', 'g%6fogle'), callback.replace('callback', 'Callback'), callback.slice(0, -1)],
    ...['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '', ' ', 'null', '/', '\\\\evil.example'],
    ...[
      `${callback} `,
      ` ${callback}`,
      `${callback}\t`,
      `${callback}%0d%0aX: y`,
      `${callback};x`,
      `${callback},https://evil.example`,
    ],
    ...[
      `http://evil.example\\@${host}${pathname}`,
      `http://${host}%2eevil.example${pathname}`,
      `http://[::1]${pathname}`,
    ],
    ...[`http://0x7f000001${pathname}`, `http://127.1${pathname}`, `urn:ietf:wg:oauth:2.0:oob`],
  ];
};

/** Signing in with Google against a strict fake of it: nobody gets in by another's visit, code, state or address. */
export const oauth: Proof = {
  id: 'S10',
  title: 'OAuth with Google',
  gate: '0 violations',
  async run(context) {
    const { platform, world } = context;
    const { google, gateway } = platform;
    const { somebody, begin, visit, back } = flow(context);
    const faults: string[] = [];
    let tried = 0;
    const refuse = (name: string, answer: Answer): void => {
      tried += 1;
      if (answer.status < 400 || answer.status >= 500)
        faults.push(`${name}: ${answer.status} ${answer.text.slice(0, 100)}`);
    };
    somebody();
    const first = await begin();
    const query = await visit(first.url);
    const entered = await back(query, first.cookie);
    if (entered.status !== 200) faults.push(`an honest sign-in: ${entered.status} ${entered.text.slice(0, 100)}`);
    refuse('the same visit again', await back(query, first.cookie));

    const { asked } = await begin();
    if (asked.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(asked.get('code_challenge') ?? ''))
      faults.push('PKCE is not S256');
    if ((asked.get('state') ?? '').length < 22) faults.push('the state can be guessed');
    if (asked.get('response_type') !== 'code') faults.push('another grant than the code is asked for');
    const callback = asked.get('redirect_uri') ?? '';
    if (callback !== `${gateway}/api/v1/auth/google/callback`) faults.push(`the redirect address is ${callback}`);

    // What a caller says about where to go back to must not matter.
    const variants = redirects(callback);
    for (const variant of variants) {
      tried += 1;
      for (const name of ['redirect_uri', 'returnTo']) {
        const answer = await begin(`?${new URLSearchParams({ [name]: variant }).toString()}`);
        const sentTo = answer.url === '' ? callback : answer.asked.get('redirect_uri');
        if (sentTo !== callback) faults.push(`${name}=${variant} changes where Google sends people`);
      }
      const changed = await begin();
      const url = new URL(changed.url);
      url.searchParams.set('redirect_uri', variant);
      const found = await visit(url.href);
      if (found.get('code') !== null && variant !== callback)
        refuse(`a code for ${variant}`, await back(found, changed.cookie));
    }

    const [mine, theirs] = [await begin(), await begin()];
    const [own, other] = [await visit(mine.url), await visit(theirs.url)];
    refuse("another's visit in this browser", await back(other, mine.cookie));
    const mixed = new URLSearchParams(own);
    mixed.set('code', (await visit((await begin()).url)).get('code') ?? '');
    refuse("another's code with one's own state", await back(mixed, mine.cookie));
    const fresh = async (change: (query: URLSearchParams) => void, cookie?: string): Promise<Answer> => {
      const visitor = await begin();
      const brought = await visit(visitor.url);
      change(brought);
      return back(brought, cookie ?? visitor.cookie);
    };
    refuse('no cookie', await fresh(() => undefined, ''));
    refuse('a made-up cookie', await fresh(() => undefined, 'atrium_google=made-up'));
    refuse('no state', await fresh((brought) => brought.delete('state')));
    refuse('an empty state', await fresh((brought) => brought.set('state', '')));
    refuse('a made-up state', await fresh((brought) => brought.set('state', 'x'.repeat(43))));
    refuse('two states', await fresh((brought) => brought.append('state', 'x'.repeat(43))));
    refuse('no code', await fresh((brought) => brought.delete('code')));
    refuse('a made-up code', await fresh((brought) => brought.set('code', 'made-up')));
    refuse('a used code', await fresh((brought) => brought.set('code', query.get('code') ?? '')));
    refuse('an error beside the code', await fresh((brought) => brought.set('error', 'access_denied')));
    for (const iss of [
      'https://evil.example',
      'https://accounts.google.com.evil.example',
      'http://accounts.google.com',
      '',
    ])
      refuse(`the issuer "${iss}" (RFC 9207)`, await fresh((brought) => brought.set('iss', iss)));
    for (const change of [
      { code_challenge_method: 'plain' },
      { code_challenge: 'A'.repeat(43) },
      { code_challenge: createHash('sha256').update('x').digest('base64url') },
    ]) {
      const visitor = await begin();
      const url = new URL(visitor.url);
      for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
      refuse(`PKCE changed to ${JSON.stringify(change)}`, await back(await visit(url.href), visitor.cookie));
    }
    const both = await begin();
    const twice = await visit(both.url);
    const answers = await Promise.all([back(twice, both.cookie), back(twice, both.cookie), back(twice, both.cookie)]);
    tried += 1;
    if (answers.filter(({ status }) => status === 200).length > 1) faults.push('one visit signed in more than once');

    google.account = { ...google.account, email: (await world.newcomer()).email, sub: canary() };
    refuse('an address that somebody has here, not verified', await fresh(() => undefined));
    google.account = { sub: canary(), email: `${canary()}@example.com`, email_verified: false };
    refuse('an address that Google did not verify', await fresh(() => undefined));
    for (const grant of ['password', 'implicit', 'client_credentials']) {
      const body = { grant_type: grant, username: 'x', password: 'y' };
      refuse(`the grant ${grant}`, await send(`${gateway}/api/v1/auth/token`, { method: 'POST', body }));
    }
    refuse(
      'calendar without signing in',
      await send(`${gateway}/api/v1/auth/google?purpose=calendar`, { headers: { accept: 'application/json' } }),
    );
    return countFaults(faults, `${tried} attacks, ${variants.length} redirect addresses`);
  },
};
