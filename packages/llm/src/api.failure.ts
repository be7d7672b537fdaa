import { ProviderError } from './provider.error.ts';
import type { ProviderErrorKind } from './provider.error.ts';

/** The fields both vendors' SDK errors share. */
interface ApiFailure {
  status?: unknown;
  headers?: unknown;
  code?: unknown;
  type?: unknown;
  error?: unknown;
  message?: unknown;
}

const TOO_LONG = /context[ _]length|context window|prompt is too long|too many (input )?tokens|maximum context/i;

const ADVICE: Record<ProviderErrorKind, string> = {
  auth: 'Check the API key and what it may use.',
  rate_limited: 'Wait, lower the load, or raise the limit at the provider.',
  overloaded: 'The provider has trouble; try again later or add a fallback model.',
  timeout: 'The provider was too slow; try again later or raise the timeout.',
  invalid_request: 'Check the model name and the request.',
  network: 'Check the base URL and the network between this machine and the provider.',
  context_length: 'Send fewer or shorter messages.',
};

/** Turns whatever a vendor's SDK threw into a `ProviderError`. */
export const toProviderError = (provider: string, thrown: unknown): ProviderError => {
  if (thrown instanceof ProviderError) return thrown;
  const failure: ApiFailure = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const message = text(failure.message) ?? String(thrown);
  const type = errorType(failure);
  const kind = kindOf(failure, type, message);
  const spent = /insufficient_quota|billing/.test(type);
  return new ProviderError(kind, provider, `${provider}: ${message}. ${ADVICE[kind]}`, {
    retryAfterMs: retryAfter(failure.headers),
    ...(spent ? { retryable: false } : {}),
    cause: thrown,
  });
};

const kindOf = ({ status }: ApiFailure, type: string, message: string): ProviderErrorKind => {
  if (TOO_LONG.test(type) || (status !== 429 && TOO_LONG.test(message)) || status === 413) return 'context_length';
  if (status === 401 || status === 402 || status === 403 || /authentication|permission|billing/.test(type))
    return 'auth';
  if (status === 429 || /rate_limit|insufficient_quota/.test(type)) return 'rate_limited';
  if (status === 408 || status === 504 || /timeout/.test(type)) return 'timeout';
  if ((typeof status === 'number' && status >= 500) || status === 409) return 'overloaded';
  if (typeof status === 'number' || /invalid_request|not_found/.test(type)) return 'invalid_request';
  if (/timed out|timeout/i.test(message)) return 'timeout';
  return type === '' ? 'network' : 'overloaded';
};

/** The error's code and type, wherever this vendor keeps them: `{error: {type, code}}`, once more nested, or flat. */
const errorType = (failure: ApiFailure): string => {
  const body = record(failure.error);
  const inner = record(body.error);
  return [failure.code, failure.type, body.code, body.type, inner.code, inner.type]
    .flatMap((part) => text(part) ?? [])
    .join(' ');
};

const retryAfter = (headers: unknown): number | undefined => {
  if (!(headers instanceof Headers)) return undefined;
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
