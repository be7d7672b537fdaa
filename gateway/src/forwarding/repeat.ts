import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Bodies up to this size are kept until the service begins to answer. */
const KEPT_BYTES = 64 * 1024;

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

const LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'UND_ERR_SOCKET']);

/** Whether the connection went away; asked before anything of an answer has come. */
export const isLostBeforeAnswer = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (('code' in error && typeof error.code === 'string' && LOST.has(error.code)) ||
    ('errors' in error &&
      Array.isArray(error.errors) &&
      error.errors.length > 0 &&
      error.errors.every(isLostBeforeAnswer)));

/** How a request is sent a second time. */
export interface Repeat {
  /** Told of every piece of the body on its way to the service. */
  note(chunk: Buffer): void;
  /** The body once more; null: there is none; undefined: it has not all come, or was too large to keep. */
  body(): Readable | null | undefined;
}

/**
 * Only requests that do the same when they arrive twice are repeated: reads, and those with an Idempotency-Key, as
 * Go's transport does it.
 */
export const repeatOf = (
  { method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  hasBody: boolean,
): Repeat | undefined => {
  if (!SAFE.has(method) && headers['idempotency-key'] === undefined) return undefined;
  const length = Number(headers['content-length'] ?? NaN);
  const kept: Buffer[] = [];
  let size = 0;
  return {
    note(chunk) {
      size += chunk.length;
      if (length <= KEPT_BYTES) kept.push(chunk);
    },
    body() {
      if (!hasBody) return null;
      return kept.length > 0 && size === length ? Readable.from(kept, { objectMode: false }) : undefined;
    },
  };
};
