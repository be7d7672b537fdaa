import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@atrium/service-kit';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { OnceStore } from '../once/once.store.ts';

const COOKIE = 'atrium_google';
const STATE_MS = 10 * 60_000;

const Person = z.object({ userId: z.uuid(), workspaceId: z.uuid(), sessionId: z.uuid() });
const Held = z.object({
  verifier: z.string().min(43),
  browser: z.string(),
  purpose: z.enum(['sign-in', 'link', 'calendar']),
  person: Person.optional(),
  returnTo: z.string().optional(),
});
/** What is kept while somebody is at Google. */
export type HeldState = z.infer<typeof Held>;

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const cookieOf = (req: Request): string =>
  (req.headers.cookie ?? '')
    .split(/;\s*/)
    .find((pair) => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1) ?? '';

const unknownState = () =>
  new DomainError('auth.google_state_unknown', 400, 'The sign-in was not begun here, took too long, or was finished.');

/** Ties a visit at Google to the browser that began it: single use in Redis, and a cookie of which it knows the hash. */
export const createGoogleStates = (once: OnceStore, secure: boolean) => ({
  newState: (): string => randomBytes(32).toString('base64url'),

  async keep(res: Response, state: string, held: Omit<HeldState, 'browser'>): Promise<void> {
    const browser = randomBytes(32).toString('base64url');
    await once.put('google', digest(state), { ...held, browser: digest(browser) }, STATE_MS);
    // Lax, since Google sends the browser back from another site.
    res.cookie(COOKIE, browser, { httpOnly: true, secure, sameSite: 'lax', path: '/', maxAge: STATE_MS });
  },

  /** @throws DomainError 400 `auth.google_state_unknown` */
  async take(req: Request, res: Response, state: string): Promise<HeldState> {
    const held = Held.safeParse(await once.take('google', digest(state)));
    res.clearCookie(COOKIE, { httpOnly: true, secure, sameSite: 'lax', path: '/' });
    if (!held.success) throw unknownState();
    const [known, shown] = [Buffer.from(held.data.browser), Buffer.from(digest(cookieOf(req)))];
    if (!timingSafeEqual(known, shown)) throw unknownState();
    return held.data;
  },
});
export type GoogleStates = ReturnType<typeof createGoogleStates>;
