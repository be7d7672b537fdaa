import { toDomainError, type Metrics, type Route } from '@atrium/service-kit';

/** Operations that try to sign somebody in, and by what. */
const METHODS: Readonly<Record<string, string>> = {
  login: 'password',
  verifyMfa: 'second_factor',
  verifyPasskeyMfa: 'second_factor',
  signInWithPasskey: 'passkey',
  finishGoogle: 'google',
};

export const createSignInCounter = (metrics: Metrics) =>
  metrics.counter('auth_sign_ins_total', 'Tries to sign in: ok, or the code they were refused with', [
    'method',
    'outcome',
  ]);
export type SignInCounter = ReturnType<typeof createSignInCounter>;

/** Counts what comes of the routes that sign in; a second factor that is asked for is a step of its own. */
export const countSignIns = (counter: SignInCounter, routes: readonly Route[]): Route[] =>
  routes.map((one) => {
    const method = METHODS[one.id];
    if (method === undefined) return one;
    return {
      ...one,
      async handler(input) {
        try {
          const result = await one.handler(input);
          counter.inc({ method, outcome: 'ok' });
          return result;
        } catch (error) {
          counter.inc({ method, outcome: toDomainError(error).code });
          throw error;
        }
      },
    };
  });
