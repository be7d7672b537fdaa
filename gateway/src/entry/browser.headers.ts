import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import cors from 'cors';
import helmet from 'helmet';

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

/** The headers are the same for every answer, so they are asked for once. */
const protection: [string, string][] = [];
protect(
  new IncomingMessage(new Socket()),
  Object.assign(new ServerResponse(new IncomingMessage(new Socket())), {
    setHeader: (name: string, value: string) => protection.push([name.toLowerCase(), value]),
  }),
  () => undefined,
);

/** Says on every answer what browsers must not do with it; pages and services replace what they know better. */
const setProtection = (res: ServerResponse): void => {
  for (const [name, value] of protection) res.setHeader(name, value);
};

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
    setProtection(res);
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
