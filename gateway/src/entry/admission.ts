import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearerToken, type Identity, type TokenVerifier } from '@atrium/service-kit';
import type { RateLimits } from '../limits/rate.limits.ts';
import { networkOf, type Caller } from './client.address.ts';

/**
 * Who calls, by the token. Guessing costs points: whoever sends no good token is counted by address.
 * @throws DomainError 401, 429 `request.rate_limited`, or what the verifier throws
 */
export type Identify = (req: IncomingMessage, res: ServerResponse, caller: Caller) => Promise<Identity>;

export const createIdentify =
  (verify: TokenVerifier, limits: RateLimits): Identify =>
  async (req, res, caller) => {
    try {
      return await verify(bearerToken(req.headers.authorization));
    } catch (error) {
      await limits.count(res, 'anonymous', networkOf(caller.address));
      throw error;
    }
  };

/**
 * The check of a request without the request: what a proxy in front asks before it hands one to a service by itself.
 * The service verifies the token again, so this is about limits and about keeping strangers away from it.
 */
export const createAdmission =
  (identify: Identify, limits: RateLimits, readCaller: (req: IncomingMessage) => Caller) =>
  async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const { tenant } = await identify(req, res, readCaller(req));
    await limits.count(res, 'user', tenant.userId);
  };
export type Admit = ReturnType<typeof createAdmission>;
