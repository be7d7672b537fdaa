import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import helmet from 'helmet';

/** Says on every answer what browsers must not do with it; pages and services replace what they know better. */
const protect = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  frameguard: { action: 'deny' },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  dnsPrefetchControl: false,
  ieNoOpen: false,
  permittedCrossDomainPolicies: false,
  xssFilter: false,
});

const EXPOSED = [
  'x-request-id',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'etag',
  'location',
  'idempotency-replayed',
];

/** Whether an origin is on the list; pages of the gateway's own are no other origin and need no entry. */
export const isListed = (origins: readonly string[], origin: string): boolean => origins.includes(origin);

/**
 * Security headers and CORS.
 * @param origins exact origins that may call with credentials
 * @returns true when the request was a preflight and is answered
 */
export const createBrowserRules = (origins: readonly string[]) => {
  const share = cors({
    origin: true,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: 600,
  });
  return (req: IncomingMessage, res: ServerResponse): boolean => {
    protect(req, res, () => undefined);
    if (origins.length === 0) return false;
    const { origin } = req.headers;
    if (origin === undefined || !isListed(origins, origin)) {
      res.setHeader('vary', 'Origin');
      return false;
    }
    const preflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    // Without the method it is an ordinary OPTIONS request, which `cors` would answer as well.
    if (req.method === 'OPTIONS' && !preflight) return false;
    share(req, res, () => undefined);
    return preflight;
  };
};
