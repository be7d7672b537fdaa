export type ProviderErrorKind =
  'auth' | 'rate_limited' | 'overloaded' | 'timeout' | 'invalid_request' | 'network' | 'context_length';

const RETRYABLE: readonly ProviderErrorKind[] = ['rate_limited', 'overloaded', 'timeout', 'network'];

interface ProviderErrorDetails {
  /** Whether the same request may work a moment later; by default it follows from the kind. */
  retryable?: boolean;
  /** How long the provider asks to wait. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** Why a provider gave no answer, in words an operator can act on. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly provider: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ProviderErrorKind, provider: string, message: string, details: ProviderErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.kind = kind;
    this.provider = provider;
    this.retryable = details.retryable ?? RETRYABLE.includes(kind);
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A provider that took more than `ms` for `what`. */
export const tookTooLong = (provider: string, ms: number, what: string): ProviderError =>
  new ProviderError(
    'timeout',
    provider,
    `${provider}: took more than ${ms / 1000} s ${what}. Try again later or raise the timeout.`,
  );
