/** One thing that is wrong with one field of a request; `path` is dotted: `body.title`, `query.limit`. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** Problem details as the API answers them (RFC 9457); some codes add members of their own. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
  readonly [member: string]: unknown;
}

/**
 * Every refusal of the API. Decide by `code`, which never changes; show `message`, which is a sentence for people.
 * Besides the codes of the API: `network.failed` (status 0, nobody answered) and `http.<status>` (the answer was not
 * of the API but of something before it).
 */
export class AtriumError extends Error {
  override readonly name = 'AtriumError';
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Finds the request in the logs; give it to whoever runs the platform. */
  readonly requestId: string | undefined;
  /** What is wrong with which field; empty for other refusals. */
  readonly errors: readonly FieldError[];
  /** Seconds after which it is worth trying again, when the answer said so. */
  readonly retryAfter: number | undefined;
  /** The whole answer, with members that only this code has, such as `mfaToken` of `auth.mfa_required`. */
  readonly problem: Problem;

  constructor(problem: Problem, options: { retryAfter?: number | undefined; cause?: unknown } = {}) {
    super(problem.detail, { cause: options.cause });
    this.code = problem.code;
    this.status = problem.status;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
    this.retryAfter = options.retryAfter;
    this.problem = problem;
  }
}

/** Whether something thrown is a refusal of the API, and of this code when one is named. */
export const isAtriumError = (error: unknown, code?: string): error is AtriumError =>
  error instanceof AtriumError && (code === undefined || error.code === code);

/**
 * Seconds of a `Retry-After` header: a number, or a date (RFC 9110 §10.2.3).
 * @param now milliseconds since 1970
 */
export const readRetryAfter = (value: string | null, now: number): number | undefined => {
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
};

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' &&
  body !== null &&
  'code' in body &&
  typeof body.code === 'string' &&
  'detail' in body &&
  typeof body.detail === 'string';

/** What a refusal says, whoever wrote it. */
export const errorOf = (
  answer: { status: number; body: string; header(name: string): string | null },
  now: number,
): AtriumError => {
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    body = undefined;
  }
  const requestId = answer.header('x-request-id') ?? undefined;
  const problem: Problem = isProblem(body)
    ? { ...body, status: answer.status }
    : {
        status: answer.status,
        code: `http.${answer.status}`,
        detail: `The answer was ${answer.status}, and not one of the API.`,
      };
  return new AtriumError(requestId === undefined ? problem : { requestId, ...problem }, {
    retryAfter: readRetryAfter(answer.header('retry-after'), now),
  });
};

/** Nobody answered: offline, refused, or (in a browser) not allowed by CORS, which cannot be told apart. */
export const networkError = (cause: unknown): AtriumError =>
  new AtriumError({ status: 0, code: 'network.failed', detail: 'The server could not be reached.' }, { cause });
