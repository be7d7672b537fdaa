import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { DomainError } from '@atrium/service-kit';

/** Whether a request brings a body, by what frames it (RFC 9112 §6). */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** @param limit in bytes */
export const tooLarge = (limit: number): DomainError =>
  new DomainError('request.too_large', 413, `The body is larger than the ${limit} bytes that are allowed here.`);

/** Refuses a body that is too large by its own account, or that stands where none has a meaning. */
export const checkBody = (req: IncomingMessage, limit: number): void => {
  if (req.method === 'GET' || req.method === 'HEAD')
    throw new DomainError('request.unexpected_body', 400, `${req.method} takes no body.`);
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
};

/**
 * Passes a body through and fails with 413 at the first byte beyond the limit.
 * @param passed told of every piece
 */
export const createMeter = (limit: number, passed?: (chunk: Buffer) => void): Transform => {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) return done(tooLarge(limit));
      passed?.(chunk);
      done(null, chunk);
    },
  });
};
