import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import createGateway from 'fast-gateway';
import { createVerifier } from 'fast-jwt';
import { answerCalls } from '../../harness/answer.calls.ts';

/** The same check as ours: ES256, issuer and audience; a token is verified once and then remembered by its hash. */
const verify = createVerifier({
  key: process.env.PUBLIC_KEY ?? '',
  algorithms: ['ES256'],
  allowedIss: 'atrium',
  allowedAud: 'atrium',
  cache: 10_000,
});

const check = (req: IncomingMessage, res: ServerResponse, next: () => void): void => {
  try {
    verify(/^Bearer (\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '');
  } catch {
    res.statusCode = 401;
    return void res.end();
  }
  next();
};

const server = createServer();
const service = createGateway({
  restana: { server },
  middlewares: [check],
  routes: [{ prefix: '/api/v1', prefixRewrite: '/api/v1', target: process.env.UPSTREAM ?? '' }],
});
await service.start(0, '127.0.0.1');
if (!server.listening) await once(server, 'listening');

answerCalls({ url: () => Promise.resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) });
