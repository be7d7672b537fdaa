import type { Request } from 'express';
import getRawBody from 'raw-body';
import { DomainError } from './problem.ts';

const LIMIT = 1_048_576;
/** A client that sends this slowly is not going to finish. */
const SLOWEST_MS = 30_000;

const late = (): DomainError => new DomainError('request.timeout', 408, 'The body did not arrive in time.');

/**
 * Reads a JSON body (RFC 8259: an object or an array) into `req.body`. Refuses at the first byte too many, without
 * waiting for the rest of it.
 * @param limit largest size in bytes
 * @returns the bytes as they came
 * @throws DomainError 400, 408, 413, 415
 */
export const readJson = async (req: Request, limit = LIMIT): Promise<Buffer> => {
  const type = req.get('content-type');
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type))
    throw new DomainError('request.unsupported_media_type', 415, 'Send the body as application/json.');
  if ((req.get('content-encoding') ?? 'identity') !== 'identity')
    throw new DomainError('request.unsupported_encoding', 415, 'Send the body without content encoding.');
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), SLOWEST_MS);
  });
  try {
    const raw = await Promise.race([getRawBody(req, { length: req.get('content-length') ?? null, limit }), timeout]);
    if (raw.length > 0) req.body = parse(raw);
    return raw;
  } finally {
    clearTimeout(timer);
  }
};

const text = new TextDecoder('utf-8', { fatal: true });

const parse = (raw: Buffer): object => {
  let value: unknown;
  try {
    value = JSON.parse(text.decode(raw));
  } catch {
    value = undefined;
  }
  // Made only when it is thrown: an error that nobody sees would cost each request the look at its stack.
  if (typeof value !== 'object' || value === null)
    throw new DomainError('request.malformed_json', 400, 'The body is not valid JSON.');
  return value;
};
