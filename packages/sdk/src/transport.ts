import { errorOf, isAtriumError, networkError } from './atrium.error.ts';
import { keyedOperations } from './generated/keyed.ts';
import { pause, pauseBefore, type RetryRules } from './retry.ts';
import type { Session } from './session.ts';

/** A request before it has an address and a token. */
interface Call {
  readonly method: string;
  /** As the API documentation writes it: `/api/v1/documents/{id}`. */
  readonly path: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Without a token, even when somebody is signed in. */
  readonly anonymous?: boolean;
}

export interface Transport {
  /** Where the gateway answers, without a slash at the end. */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** Whether cookies go along to another origin. */
  readonly credentials: 'include' | 'same-origin';
  /** Sends it, again when that is safe. @throws AtriumError for every answer that is none of 2xx */
  send(call: Call): Promise<Response>;
  /** The full address of a call. */
  urlOf(call: Pick<Call, 'path' | 'params' | 'query'>): string;
}

/** 128 random bits; `randomUUID` is missing on pages without TLS. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** What a path or a query can carry; anything else is a mistake of the caller, and text such as `[object Object]`. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`;
  if (value instanceof Date) return value.toISOString();
  throw new TypeError('Parameters are texts, numbers, truth values and dates.');
};

const writePath = (path: string, params: Readonly<Record<string, unknown>> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = params[name];
    if (value === undefined || value === '') throw new TypeError(`The path ${path} needs ${name}.`);
    return encodeURIComponent(textOf(value));
  });

const writeQuery = (query: Readonly<Record<string, unknown>> = {}): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (one !== undefined && one !== null) search.append(name, textOf(one));
  }
  const text = search.toString();
  return text && `?${text}`;
};

/**
 * Sends calls with a token, and those that are safe to send twice again when nobody answered or the answer was that
 * it will pass: reading, and commands with an `Idempotency-Key`. A refused token is renewed once.
 */
export const createTransport = (options: {
  baseUrl: string;
  cookies: boolean;
  fetch: typeof globalThis.fetch;
  retry: RetryRules;
  now: () => number;
  random: () => number;
  session: () => Pick<Session, 'token' | 'refresh'>;
}): Transport => {
  const { cookies, fetch, retry, now, random, session } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const credentials = cookies ? 'include' : 'same-origin';

  const urlOf = ({ path, params, query }: Pick<Call, 'path' | 'params' | 'query'>): string =>
    baseUrl + writePath(path, params) + writeQuery(query);

  const attempt = async (url: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(url, init);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw networkError(error);
    }
    if (response.ok) return response;
    const body = await response.text().catch(() => '');
    throw errorOf({ status: response.status, body, header: (name) => response.headers.get(name) }, now());
  };

  const send = async (call: Call): Promise<Response> => {
    const { method, path, body, signal } = call;
    const url = urlOf(call);
    const safe = method === 'get' || method === 'head';
    const keyed = keyedOperations.has(`${method} ${path}`);
    const form = body instanceof FormData;
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(body === undefined || form ? {} : { 'content-type': 'application/json' }),
      ...(keyed ? { 'idempotency-key': call.idempotencyKey ?? newKey() } : {}),
      // Forms of other sites cannot send this header; the server wants it wherever a cookie counts.
      ...(cookies && !safe ? { 'x-csrf': '1' } : {}),
      ...call.headers,
    };
    let renewed = false;
    for (let tried = 0; ; tried += 1) {
      const token = call.anonymous ? undefined : await session().token();
      try {
        return await attempt(
          url,
          {
            method: method.toUpperCase(),
            headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
            credentials,
            ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
            ...(signal ? { signal } : {}),
          },
          signal,
        );
      } catch (error) {
        if (
          token !== undefined &&
          !renewed &&
          isAtriumError(error) &&
          error.status === 401 &&
          /^token\./.test(error.code)
        ) {
          renewed = true;
          await session().refresh(token);
          continue;
        }
        const ms = safe || keyed ? pauseBefore(error, tried, retry, random) : undefined;
        if (ms === undefined) throw error;
        await pause(ms, signal);
      }
    }
  };
  return { baseUrl, fetch, credentials, send, urlOf };
};
