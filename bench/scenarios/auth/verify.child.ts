import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createTokenVerifier } from '@atrium/service-kit';
import { makeIdentity, startTokenIssuer } from '@atrium/testing';
import { createVerifier } from 'fast-jwt';
import { z } from 'zod';
import { answerCalls } from '../../harness/answer.calls.ts';

const TOKENS = 1_000;

const issuer = await startTokenIssuer();
const { keys } = (await (await fetch(`${issuer.url}/.well-known/jwks.json`)).json()) as { keys: JsonWebKey[] };
const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
const tokens = Array.from({ length: TOKENS }, () => issuer.token(makeIdentity(), { expiresIn: 7_200 }));
await issuer.close();

/** As in a service that hears auth: whether the session was ended is looked up each time. */
const ended = new Set<string>();
const revocations = {
  check: ({ sessionId = '' }: { sessionId: string | undefined }) =>
    ended.has(sessionId) ? Promise.reject(new Error('ended')) : undefined,
};
type Check = (token: string) => unknown;

const makers: Record<string, (cached: boolean) => Check> = {
  ours: () => createTokenVerifier({ find: async () => key }, Date.now, revocations),
  'fast-jwt': (cached) =>
    createVerifier({
      key: key.export({ type: 'spki', format: 'pem' }).toString(),
      algorithms: ['ES256'],
      allowedIss: 'atrium',
      allowedAud: 'atrium',
      cache: cached ? 10_000 : false,
    }),
};
const remembering = new Map(Object.entries(makers).map(([side, make]) => [side, make(true)]));

const accepts = async (check: Check, token: string): Promise<boolean> => {
  try {
    await check(token);
    return true;
  } catch {
    return false;
  }
};

const Wanted = z.object({ side: z.string(), cached: z.boolean(), ms: z.number() });

answerCalls({
  /** Checks a thousand tokens in turn, each seen before or each by a verifier that has seen none. */
  async rate(value) {
    const { side, cached, ms } = Wanted.parse(value);
    const [make, kept] = [makers[side], remembering.get(side)];
    if (!make || !kept) throw new Error(`there is no side ${side}`);
    const forged = `${tokens[0]?.slice(0, -6)}AAAAAA`;
    const fault = (await accepts(kept, forged)) ? { fault: 'it accepted a forged token' } : {};
    for (const token of cached ? tokens : []) await kept(token);
    let done = 0;
    const started = performance.now();
    let passed = 0;
    for (; passed < ms; passed = performance.now() - started) {
      const check = cached ? kept : make(false);
      for (const token of tokens) await check(token);
      done += TOKENS;
    }
    return { perSecond: (done * 1_000) / passed, done, ...fault };
  },
});
