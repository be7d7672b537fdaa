import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { drain, listen, portOf } from '@atrium/service-kit';

/** Who is signed in at the fake. */
export interface GoogleAccount {
  sub: string;
  email: string;
  email_verified: boolean | string;
  name?: string;
}

export interface FakeGoogle {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Settings of a service that is to use the fake. */
  readonly settings: Record<string, string>;
  /** The person at the consent screen; replace it to be somebody else. */
  account: GoogleAccount;
  /** What the person does there, and what the token and profile endpoints do. */
  consent: 'allow' | 'deny' | 'untick-calendar';
  broken: 'nothing' | 'token-500' | 'token-garbage' | 'token-silent' | 'userinfo-500' | 'userinfo-garbage';
  /** Every grant that was given out, with what was asked for. */
  readonly grants: { code: string; query: Record<string, string>; used: boolean }[];
  /** Access tokens that a replayed code has made worthless. */
  readonly revoked: Set<string>;
  close(): Promise<void>;
}

interface Grant {
  code: string;
  query: Record<string, string>;
  used: boolean;
  account: GoogleAccount;
  scope: string;
  tokens: string[];
}

const bodyOf = async (req: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

/**
 * Google's authorization code flow over real HTTP, strict where Google is: the redirect address must match exactly,
 * PKCE must be S256 and hold, a code is good once, and a replayed one ends the tokens it gave.
 * @param callbackUrl the one address that is registered
 */
export const startFakeGoogle = async (callbackUrl: string): Promise<FakeGoogle> => {
  const grants: Grant[] = [];
  const byToken = new Map<string, Grant>();
  const json = (res: ServerResponse, status: number, body: object): void => {
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

  const authorize = (query: Record<string, string>, res: ServerResponse): void => {
    if (query['client_id'] !== fake.clientId) return json(res, 400, { error: 'invalid_client' });
    if (query['redirect_uri'] !== callbackUrl) return json(res, 400, { error: 'redirect_uri_mismatch' });
    const back = new URL(callbackUrl);
    if (query['state'] !== undefined) back.searchParams.set('state', query['state']);
    const wellAsked = query['response_type'] === 'code' && query['code_challenge_method'] === 'S256';
    if (!wellAsked || !query['code_challenge']) back.searchParams.set('error', 'invalid_request');
    else if (fake.consent === 'deny') back.searchParams.set('error', 'access_denied');
    else {
      const asked = query['scope'] ?? '';
      const scope = fake.consent === 'allow' ? asked : asked.replaceAll(/\S*calendar\S*/g, '').trim();
      const grant = {
        code: randomBytes(16).toString('hex'),
        query,
        used: false,
        account: fake.account,
        scope,
        tokens: [],
      };
      grants.push(grant);
      back.searchParams.set('code', grant.code);
      back.searchParams.set('scope', scope);
    }
    res.writeHead(302, { location: back.href }).end();
  };

  const exchange = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const form = await bodyOf(req);
    if (fake.broken === 'token-silent') return;
    if (fake.broken === 'token-500') return json(res, 500, { error: 'internal_failure' });
    if (fake.broken === 'token-garbage') return void res.end('<html>not json');
    const grant = grants.find(({ code }) => code === form.get('code'));
    const known = form.get('client_id') === fake.clientId && form.get('client_secret') === fake.clientSecret;
    if (!known) return json(res, 401, { error: 'invalid_client' });
    if (grant?.used) grant.tokens.forEach((token) => fake.revoked.add(token));
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const right =
      grant && !grant.used && form.get('redirect_uri') === callbackUrl && challenge === grant.query['code_challenge'];
    if (!right || form.get('grant_type') !== 'authorization_code')
      return json(res, 400, { error: 'invalid_grant', error_description: 'Bad Request' });
    grant.used = true;
    const token = `ya29.${randomBytes(16).toString('hex')}`;
    grant.tokens.push(token);
    byToken.set(token, grant);
    const offline = grant.query['access_type'] === 'offline' && grant.query['prompt'] === 'consent';
    json(res, 200, {
      access_token: token,
      expires_in: 3599,
      token_type: 'Bearer',
      scope: grant.scope,
      ...(offline ? { refresh_token: `1//${randomBytes(16).toString('hex')}` } : {}),
    });
  };

  const userinfo = (req: IncomingMessage, query: Record<string, string>, res: ServerResponse): void => {
    const token = req.headers.authorization?.replace(/^Bearer /, '') ?? query['access_token'] ?? '';
    const grant = byToken.get(token);
    if (fake.broken === 'userinfo-500') return json(res, 500, { error: 'internal_failure' });
    if (fake.broken === 'userinfo-garbage') return void res.end('<html>not json');
    if (!grant || fake.revoked.has(token)) return json(res, 401, { error: 'invalid_token' });
    json(res, 200, grant.account);
  };

  const server = await listen(
    (req, res) => {
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://fake');
      const query = Object.fromEntries(searchParams);
      if (req.method === 'GET' && pathname === '/o/oauth2/v2/auth') authorize(query, res);
      else if (req.method === 'POST' && pathname === '/token') void exchange(req, res);
      else if (req.method === 'GET' && pathname === '/userinfo') userinfo(req, query, res);
      else json(res, 404, { error: 'not_found' });
    },
    '127.0.0.1',
    0,
  );
  const url = `http://127.0.0.1:${portOf(server)}`;
  const fake: FakeGoogle = {
    url,
    clientId: 'atrium-tests',
    clientSecret: 'only-in-tests',
    settings: {
      GOOGLE_CLIENT_ID: 'atrium-tests',
      GOOGLE_CLIENT_SECRET: 'only-in-tests',
      GOOGLE_CALLBACK_URL: callbackUrl,
      GOOGLE_AUTHORIZATION_URL: `${url}/o/oauth2/v2/auth`,
      GOOGLE_TOKEN_URL: `${url}/token`,
      GOOGLE_PROFILE_URL: `${url}/userinfo`,
    },
    account: { sub: '1', email: 'somebody@example.com', email_verified: true, name: 'Somebody' },
    consent: 'allow',
    broken: 'nothing',
    grants,
    revoked: new Set(),
    close: () => drain(server, 100),
  };
  return fake;
};
