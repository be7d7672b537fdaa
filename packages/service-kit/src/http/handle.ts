import { hash } from 'node:crypto';
import { isAllowed } from '@atrium/contracts';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Auditor } from '../audit/auditor.ts';
import { Replay } from '../data/idempotency.ts';
import { currentContext, type Command } from '../runtime/context.ts';
import { revocationSignal } from '../security/revocation.signal.ts';
import type { RevocationWatch } from '../security/revocation.watch.ts';
import { bearerToken, type Identity, type TokenVerifier } from '../security/token.ts';
import { readJson } from './json.body.ts';
import { forbidden, invalid, type FieldError } from './problem.ts';
import { takesIdempotencyKey, type Route, type RouteInput } from './route.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

const fieldErrors = (part: string, error: z.ZodError): FieldError[] =>
  error.issues.map((issue) => ({
    path: [part, ...issue.path.map(String)].join('.'),
    code: issue.code,
    message: issue.message,
  }));

/** Checks the parts of a request that the route declares, and names every field that is wrong at once. */
const validate = (route: Route, req: Request): { params: unknown; query: unknown; body: unknown } => {
  const errors: FieldError[] = [];
  const check = (part: 'params' | 'query' | 'body', value: unknown): unknown => {
    const schema = route[part];
    if (!schema) return undefined;
    const parsed = schema.safeParse(value);
    if (!parsed.success) errors.push(...fieldErrors(part, parsed.error));
    return parsed.data;
  };
  const parts = {
    params: check('params', req.params),
    query: check('query', req.query),
    body: check('body', req.body),
  };
  if (errors.length > 0) throw invalid('request.invalid', 'Some fields of the request are not valid.', errors);
  return parts;
};

const render = (route: Route, result: unknown): { status: number; body: string } => ({
  status: route.status ?? (route.response ? 200 : 204),
  body: route.response ? JSON.stringify(route.response.parse(result)) : '',
});

const commandOf = (route: Route, req: Request, raw: Buffer | undefined): Command | undefined => {
  const key = req.get('idempotency-key');
  if (key === undefined || !takesIdempotencyKey(route)) return undefined;
  if (!KEY.test(key))
    throw invalid('idempotency.invalid_key', 'Idempotency-Key must be 1 to 255 printable characters without spaces.');
  const head = Buffer.from(`${req.method} ${req.originalUrl}\n`);
  const fingerprint = hash('sha256', raw ? Buffer.concat([head, raw]) : head, 'hex');
  return { key, operation: route.id, fingerprint, render: (result) => render(route, result), claimed: false };
};

const identify = async (
  route: Route,
  req: Request,
  verify: TokenVerifier,
  auditor: Auditor | undefined,
): Promise<Identity | undefined> => {
  if (route.permission === 'public') return undefined;
  const identity = await verify(bearerToken(req.get('authorization')));
  const context = currentContext();
  if (context) {
    context.workspaceId = identity.tenant.workspaceId;
    context.userId = identity.tenant.userId;
    if (identity.tenant.actor) context.actor = identity.tenant.actor;
  }
  if (!isAllowed(route.permission, identity.tenant)) {
    await auditor?.deny(route, req, identity);
    throw forbidden();
  }
  return identity;
};

const send = (res: Response, { status, body }: { status: number; body: string }): void => {
  res.status(status);
  if (body === '') return void res.end();
  // Express compares the tag of an answer with what the client has.
  if (res.hasHeader('etag')) return void res.type('application/json').send(body);
  res.setHeader('content-type', 'application/json; charset=utf-8');
  res.setHeader('content-length', Buffer.byteLength(body));
  res.end(body);
};

/** Made for those who ask: it costs more than the rest of a small request. */
const lazySignal = (res: Response, others: readonly AbortSignal[]): (() => AbortSignal) => {
  let signal: AbortSignal | undefined;
  const make = (): AbortSignal => {
    const gone = new AbortController();
    const leave = (): void => {
      if (!res.writableFinished) gone.abort();
    };
    if (res.closed) leave();
    else res.once('close', leave);
    return AbortSignal.any([gone.signal, ...others]);
  };
  return () => (signal ??= make());
};

/** Lasts longer than the check of the token that opened it. */
const isStream = ({ produces }: Route): boolean => produces === 'text/event-stream';

/** What the handlers of every route work with. */
export interface Handling {
  readonly verify: TokenVerifier;
  readonly draining: AbortSignal;
  /** Absent in a service that keeps no audit log. */
  readonly auditor?: Auditor | undefined;
  /** Absent: a stream goes on until its client leaves. */
  readonly revocations?: RevocationWatch | undefined;
}

/** The Express handlers that carry out a route's declaration, in order. */
export const handlersOf = (route: Route, { verify, draining, auditor, revocations }: Handling): RequestHandler[] => {
  const authorize: RequestHandler = async (req, res, next) => {
    const context = currentContext();
    if (context) context.operation = route.id;
    res.locals['identity'] = await identify(route, req, verify, auditor);
    next();
  };
  const run = async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const identity = res.locals['identity'] as Identity | undefined;
    const raw = route.body ? await readJson(req, route.bodyLimit) : undefined;
    const parts = validate(route, req);
    const standing = identity && revocations && isStream(route) ? revocationSignal(revocations, identity) : undefined;
    const context = currentContext();
    const command = commandOf(route, req, raw);
    if (context) context.arrival = { isGone: () => res.closed, begun: false };
    if (context && command) context.command = command;
    const ticket = auditor?.open(route, req, identity);
    if (context && ticket) context.audit = ticket;
    const signal = lazySignal(res, [draining, ...(standing ? [standing.signal] : [])]);
    const input = {
      ...parts,
      identity,
      tenant: identity?.tenant,
      req,
      res,
      get signal() {
        return signal();
      },
    };
    try {
      const result = await route.handler(
        input as unknown as RouteInput<undefined, undefined, undefined, typeof route.permission>,
      );
      await auditor?.settle(ticket, identity?.tenant, { result });
      if (res.headersSent || route.produces) return;
      const answer = command?.answer ?? render(route, result);
      // A handler that set another status than the usual means it.
      send(res, res.statusCode === 200 ? answer : { ...answer, status: res.statusCode });
    } catch (error) {
      await auditor?.settle(ticket, identity?.tenant, { error });
      if (error instanceof Replay) {
        res.set('idempotency-replayed', 'true');
        send(res, error);
      } else next(error);
    } finally {
      standing?.done();
    }
  };
  return [authorize, run];
};
