import type { ServerResponse } from 'node:http';
import { QueryFailedError } from 'typeorm';
import { z } from 'zod';
import { isConnectionLost } from '../data/connection.lost.ts';
import { currentContext } from '../runtime/context.ts';

/** One thing that is wrong with one field of a request. */
export interface FieldError {
  /** Dotted path from the part of the request: `body.title`, `query.limit`. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/**
 * The only error that rules throw: a stable code for programs, an HTTP status, and a sentence for people.
 * `cause` is logged and never leaves the service.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Record<string, string>;
  readonly extra: Record<string, unknown>;

  constructor(
    code: string,
    status: number,
    detail: string,
    options: {
      errors?: readonly FieldError[];
      headers?: Record<string, string>;
      extra?: Record<string, unknown>;
      cause?: unknown;
    } = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.extra = options.extra ?? {};
  }
}

/** 404 for a thing that is not there or not theirs; throws, so it can stand after `??`. */
export const notFound = (noun: string, id: string): never => {
  throw new DomainError(`${noun}.not_found`, 404, `There is no ${noun} ${id} here.`);
};
export const conflict = (code: string, detail: string): DomainError => new DomainError(code, 409, detail);
export const invalid = (code: string, detail: string, errors?: readonly FieldError[]): DomainError =>
  new DomainError(code, 422, detail, errors ? { errors } : {});
export const forbidden = (detail = 'Your role may not do this.'): DomainError =>
  new DomainError('access.forbidden', 403, detail);
export const unauthenticated = (code = 'token.missing', detail = 'Send a valid access token.'): DomainError =>
  new DomainError(code, 401, detail, { headers: { 'www-authenticate': 'Bearer' } });
export const unavailable = (code: string, detail: string, retryAfterSeconds = 1, cause?: unknown): DomainError =>
  new DomainError(code, 503, detail, { headers: { 'retry-after': String(retryAfterSeconds) }, cause });

/** Body of every error answer: RFC 9457 problem details with `code`, `requestId` and field `errors`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not signed in',
  402: 'Payment required',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid request',
  429: 'Too many requests',
  503: 'Unavailable',
  504: 'Upstream timed out',
};

/** Renders an error as problem details. */
export const problemOf = (error: DomainError, requestId: string): Record<string, unknown> => ({
  type: 'about:blank',
  title: TITLES[error.status] ?? 'Error',
  status: error.status,
  code: error.code,
  detail: error.detail,
  requestId,
  ...(error.errors ? { errors: error.errors } : {}),
  ...error.extra,
});

const requestError = (error: Error): DomainError | undefined => {
  const type = 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return new DomainError('request.too_large', 413, 'The body is too large.');
  if (type === 'request.aborted' || type === 'request.size.invalid')
    return new DomainError('request.aborted', 400, 'The body ended early.');
  if (error instanceof URIError) return new DomainError('request.malformed_url', 400, 'The URL is malformed.');
  return undefined;
};

/** What the pool says, without a code, when no connection became free in time. */
const NONE_FREE = /^timeout exceeded when trying to connect/;

const databaseError = (error: Error): DomainError | undefined => {
  const from: object = error instanceof QueryFailedError ? (error.driverError as object) : error;
  const code = 'code' in from && typeof from.code === 'string' ? from.code : '';
  // Lost or none to be had, out of resources, shutting down, statement or lock timeout.
  if (isConnectionLost(error) || NONE_FREE.test(error.message) || /^(53|57P0|57014|55P03)/.test(code))
    return unavailable('database.unavailable', 'The database is not answering. Try again shortly.', 1, error);
  if (code === '23505') return conflict('request.conflict', 'Somebody else did the same at the same time. Read again.');
  if (code === '22P05' || code === '22021')
    return invalid('request.invalid_text', 'The text contains characters that cannot be stored.');
  return undefined;
};

/** Translates anything thrown into a DomainError; the unexpected becomes a 500 that says nothing. */
export const toDomainError = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  const known = error instanceof Error ? (requestError(error) ?? databaseError(error)) : undefined;
  return (
    known ??
    new DomainError('internal.error', 500, 'Something went wrong on our side. The request id finds it in the logs.', {
      cause: error,
    })
  );
};

/** Writes an error as `application/problem+json`; when the answer has begun, the connection is cut instead. */
export const sendProblem = (res: ServerResponse, error: unknown): DomainError => {
  const problem = toDomainError(error);
  if (res.headersSent) {
    res.destroy();
    return problem;
  }
  res.statusCode = problem.status;
  for (const [name, value] of Object.entries(problem.headers)) res.setHeader(name, value);
  res.setHeader('content-type', 'application/problem+json; charset=utf-8');
  res.end(JSON.stringify(problemOf(problem, currentContext()?.requestId ?? String(res.getHeader('x-request-id')))));
  return problem;
};
