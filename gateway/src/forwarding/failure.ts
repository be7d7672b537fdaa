import { DomainError, unavailable } from '@atrium/service-kit';

/** The exchange ended because the client did not wait. */
export const CLIENT_LEFT = new Error('the client left');

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
const LATE: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Codes of an error and of those it stands for: one attempt for each address of a name. */
const codesOf = (error: unknown): string[] => {
  if (typeof error !== 'object' || error === null) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  return 'errors' in error && Array.isArray(error.errors) ? [...own, ...error.errors.flatMap(codesOf)] : own;
};

/** Tells the client what a failure of a service means for it: 503 not there, 504 too late, 502 broken off. */
export const failureOf = (service: string, error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  const codes = codesOf(error);
  if (codes.some((code) => UNREACHABLE.has(code)))
    return unavailable('upstream.unavailable', `The ${service} service does not answer. Try again shortly.`, 1, error);
  const late = codes.some((code) => LATE.has(code));
  return new DomainError(
    late ? 'upstream.timeout' : 'upstream.broken_off',
    late ? 504 : 502,
    late ? `The ${service} service did not answer in time.` : `The ${service} service broke off its answer.`,
    { headers: { 'retry-after': '1' }, cause: error },
  );
};
