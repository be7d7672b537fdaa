import { createHash } from 'node:crypto';
import { DomainError, type Route, type ClientOf } from '@atrium/service-kit';
import type { AttemptCounter } from './attempt.counter.ts';
import { networkOf } from './network.ts';

/**
 * How a route is limited, per network and, where a body names one, per account.
 *
 * - `calls`: every call counts, and is refused before anything is done for it.
 * - `refusals`: only what was refused counts. These routes take secrets that nobody guesses, so a right one always
 *   passes, however many wrong ones came from the same network: its owner is never kept out. Beyond the limit the
 *   refusal is a 429, which says nothing about what was sent.
 * - `own`: limited where the work is done, since it takes more than the request to know how.
 */
type Rule =
  | { readonly counts: 'calls'; readonly budget: 'registrations' | 'calls'; readonly account?: 'email' }
  | { readonly counts: 'refusals'; readonly codes: readonly string[] }
  | { readonly counts: 'own'; readonly by: 'sign-in attempts' | 'mails' };

const calls = { counts: 'calls', budget: 'calls' } as const;
const refusals = (...codes: string[]) => ({ counts: 'refusals', codes }) as const;
const attempts = { counts: 'own', by: 'sign-in attempts' } as const;
const mails = { counts: 'own', by: 'mails' } as const;

/** The limits of all routes that need no token and do something; one that is not named here keeps auth from starting. */
export const routeLimits: Readonly<Record<string, Rule>> = {
  register: { counts: 'calls', budget: 'registrations', account: 'email' },
  login: attempts,
  refreshSession: refusals('auth.refresh_unknown'),
  verifyEmail: refusals('auth.link_invalid'),
  resetPassword: refusals('auth.link_invalid'),
  resendVerification: mails,
  forgotPassword: mails,
  verifyMfa: refusals('auth.mfa_token_unknown'),
  beginPasskeySignIn: calls,
  signInWithPasskey: attempts,
  beginPasskeyMfa: refusals('auth.mfa_token_unknown'),
  verifyPasskeyMfa: refusals('auth.mfa_token_unknown'),
  beginGoogle: calls,
  finishGoogle: calls,
  acceptInvitation: refusals('invitation.not_found'),
  exchangeApiKey: refusals('token.invalid'),
  exchangeToken: refusals('auth.invalid_service'),
};

/** @returns the public routes that do something and have no limit */
export const unlimitedRoutes = (routes: readonly Pick<Route, 'id' | 'method' | 'permission'>[]): string[] =>
  routes
    .filter(
      ({ id, method, permission }) => permission === 'public' && method !== 'get' && !Object.hasOwn(routeLimits, id),
    )
    .map(({ id }) => id);

/** Carries out a call within the limits of its route. */
export type RouteGuard = (route: Route, rule: Rule, input: Parameters<Route['handler']>[0]) => Promise<unknown>;

export const createRouteGuard = (options: {
  counter: AttemptCounter;
  clientOf: ClientOf;
  windowMs: number;
  /** Calls, or refusals, from one network within the window. */
  perNetwork: number;
  registrationsPerNetwork: number;
  registrationsPerAccount: number;
}): RouteGuard => {
  const { counter, clientOf, windowMs } = options;
  const take = async (key: string, limit: number): Promise<void> => {
    const { count, resetMs } = await counter.take(`route:${key}`, windowMs);
    if (count <= limit) return;
    const seconds = Math.max(1, Math.ceil(resetMs / 1000));
    throw new DomainError('auth.too_many_requests', 429, `Too many requests of this kind. Try again in ${seconds} s.`, {
      headers: { 'retry-after': String(seconds) },
    });
  };
  const budgets = { calls: options.perNetwork, registrations: options.registrationsPerNetwork };

  return async (route, rule, input) => {
    if (rule.counts === 'own') return route.handler(input);
    const network = `${route.id}:${networkOf(clientOf(input.req).ip)}`;
    if (rule.counts === 'calls') {
      await take(network, budgets[rule.budget]);
      const named: unknown = rule.account && (input.body as Record<string, unknown> | undefined)?.[rule.account];
      if (typeof named === 'string') {
        const account = createHash('sha256').update(named).digest('base64url');
        await take(`${route.id}:account:${account}`, options.registrationsPerAccount);
      }
      return route.handler(input);
    }
    try {
      return await route.handler(input);
    } catch (error) {
      if (error instanceof DomainError && rule.codes.includes(error.code)) await take(network, options.perNetwork);
      throw error;
    }
  };
};

/** Binds routes to their limits. @throws Error for a public route that does something and has none */
export const limitRoutes = (routes: readonly Route[], guard: RouteGuard): Route[] => {
  const missing = unlimitedRoutes(routes);
  if (missing.length > 0) throw new Error(`no limit in attempts/route.limits.ts: ${missing.join(', ')}`);
  return routes.map((route) => {
    const rule = routeLimits[route.id];
    return rule ? { ...route, handler: (input) => guard(route, rule, input) } : route;
  });
};
