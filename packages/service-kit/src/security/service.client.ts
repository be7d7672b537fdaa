import { exchangeToken, type CallDefinition } from '@atrium/contracts';
import { createRetryBudget, type RetryBudget } from '@atrium/resilience';
import { z } from 'zod';
import { DomainError, unavailable } from '../http/problem.ts';
import { inSpan, type Span } from '../observability/tracing.ts';
import { currentContext } from '../runtime/context.ts';

const RemoteProblem = z.looseObject({
  code: z.string(),
  status: z.number(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
});

/** One for each callee: when it is in trouble, retries do not add to it. */
const budgets = new Map<string, RetryBudget>();
const budgetOf = (service: string): RetryBudget => {
  const budget = budgets.get(service) ?? createRetryBudget();
  budgets.set(service, budget);
  return budget;
};

const RETRY_PAUSES_MS = [50, 200];

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
  });

const problemFrom = async (call: CallDefinition, response: Response): Promise<DomainError> => {
  const parsed = RemoteProblem.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success || response.status >= 500)
    return unavailable(`${call.service}.unavailable`, `${call.service} answered ${response.status}.`);
  const { code, detail, errors, type: _type, title: _title, status, requestId: _id, ...extra } = parsed.data;
  const retryAfter = response.headers.get('retry-after');
  const headers = retryAfter === null ? {} : { headers: { 'retry-after': retryAfter } };
  return new DomainError(code, status, detail, { ...headers, ...(errors ? { errors } : {}), extra });
};

/**
 * Calls another service and checks its answer against the contract. Connection failures and 503 are tried twice more,
 * for reads and for calls with an idempotency key; everything else is tried once.
 * @throws DomainError with the callee's own code for refusals, 503 `<service>.unavailable` otherwise
 */
export const callService = async <Request extends z.ZodType, Response extends z.ZodType>(
  call: CallDefinition<Request, Response>,
  options: {
    baseUrl: string;
    input: z.input<Request>;
    token?: string;
    idempotencyKey?: string;
    timeoutMs?: number;
    signal?: AbortSignal;
  },
): Promise<z.output<Response>> => {
  const context = currentContext();
  if (context?.inTransaction) throw new Error(`${call.path} was called inside a transaction`);
  const url = new URL(call.path, options.baseUrl);
  const input = call.request.parse(options.input) as Record<string, string | number | boolean | undefined>;
  if (call.method === 'get') {
    for (const [name, value] of Object.entries(input))
      if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const ask = async (span: Span | undefined): Promise<z.output<Response>> => {
    const response = await fetch(url, {
      method: call.method.toUpperCase(),
      signal,
      redirect: 'error',
      headers: {
        ...(call.method === 'post' ? { 'content-type': 'application/json' } : {}),
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...(options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {}),
        ...(context && span ? { 'x-request-id': context.requestId, traceparent: span.traceparent } : {}),
      },
      ...(call.method === 'post' ? { body: JSON.stringify(input) } : {}),
    }).catch((error: unknown) => {
      if (options.signal?.aborted) throw options.signal.reason as Error;
      throw unavailable(`${call.service}.unavailable`, `${call.service} does not answer.`, 1, error);
    });
    span?.set({ 'http.response.status_code': response.status });
    if (!response.ok) throw await problemFrom(call, response);
    return call.response.parse(await response.json());
  };
  const attempt = (): Promise<z.output<Response>> =>
    context
      ? inSpan(
          `call ${call.service}${call.path}`,
          {
            kind: 'client',
            attributes: { 'http.request.method': call.method.toUpperCase(), 'server.address': url.host },
          },
          (_traceparent, span) => ask(span),
        )
      : ask(undefined);
  const repeatable = call.method === 'get' || options.idempotencyKey !== undefined;
  const budget = budgetOf(call.service);
  budget.earn();
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const wait = RETRY_PAUSES_MS[tries];
      if (!repeatable || wait === undefined || !(error instanceof DomainError) || error.status !== 503) throw error;
      if (!budget.spend()) throw error;
      await pause(wait, signal);
    }
  }
};

/** For whom a service acts. */
interface DelegatingUser {
  readonly userId: string;
  readonly workspaceId: string;
  /** Permissions that the user's own token was limited to, which the delegated one keeps. */
  readonly scopes?: readonly string[] | undefined;
}

/** Gets delegated tokens, so that a service can call others with exactly the rights of the user it works for. */
export interface Delegation {
  /** @throws DomainError 403 when the user is no longer a member of the workspace */
  tokenFor(user: DelegatingUser): Promise<string>;
}

const RENEW_BEFORE_MS = 60_000;

export const createDelegation = (options: {
  authUrl: string;
  service: string;
  secret: string | undefined;
  /** Whether what a user was given at that time is no longer good; such a token is not used again. */
  isRevoked?: (userId: string, issuedAt: number) => boolean;
}): Delegation => {
  const tokens = new Map<string, { token: string; issuedAt: number; until: number }>();
  return {
    async tokenFor({ userId, workspaceId, scopes }) {
      const name = [userId, workspaceId, ...(scopes ?? ['*'])].join(':');
      const known = tokens.get(name);
      if (known && known.until > Date.now() && !options.isRevoked?.(userId, known.issuedAt)) return known.token;
      tokens.delete(name);
      if (!options.secret)
        throw unavailable('delegation.not_configured', 'SERVICE_SECRET is not set for this service.');
      const issuedAt = Date.now();
      const { accessToken, expiresIn } = await callService(exchangeToken, {
        baseUrl: options.authUrl,
        input: { service: options.service, secret: options.secret, userId, workspaceId, scopes: scopes && [...scopes] },
        idempotencyKey: crypto.randomUUID(),
      });
      if (tokens.size >= 10_000) tokens.clear();
      tokens.set(name, { token: accessToken, issuedAt, until: Date.now() + expiresIn * 1000 - RENEW_BEFORE_MS });
      return accessToken;
    },
  };
};
