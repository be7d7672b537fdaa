/** An error as a log line has it. */
interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string;
  readonly cause?: DescribedError;
}

const CAUSES = 4;

/**
 * Tells of an error without what libraries hang on it: a failed query carries its parameters, a failed request its
 * headers, and Postgres names the values that clash.
 */
export const describeError = (error: unknown, depth = 0): DescribedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    ...(depth === 0 ? { stack } : {}),
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(cause !== undefined && depth < CAUSES ? { cause: describeError(cause, depth + 1) } : {}),
  };
};

/** Fields whose values never reach a log line: secrets, and what people write to each other. Lower case. */
const SECRETS: ReadonlySet<string> = new Set([
  'password',
  'passwordhash',
  'token',
  'accesstoken',
  'refreshtoken',
  'mfatoken',
  'secret',
  'authorization',
  'apikey',
  'x-api-key',
  'cookie',
  'set-cookie',
  'body',
  'html',
  'text',
]);
const DEPTH = 6;

const redacted = (value: unknown, depth: number): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (depth > DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return fieldsOf(value as Record<string, unknown>, depth);
};

const fieldsOf = (fields: Record<string, unknown>, depth: number): Record<string, unknown> => {
  const kept: Record<string, unknown> = {};
  for (const name in fields)
    kept[name] = SECRETS.has(name.toLowerCase()) ? '[redacted]' : redacted(fields[name], depth + 1);
  return kept;
};

/** The fields of a line with secrets replaced at any depth, and errors described. */
export const redactFields = (fields: Record<string, unknown>): Record<string, unknown> => fieldsOf(fields, 0);

/** API keys, JSON web tokens, credentials of a header and passwords of a URL. */
const LOOKS_SECRET =
  /\batr_[\w-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+|\b(?:Bearer|Basic) [\w.~+/=-]{8,}|\bsk-[\w-]{16,}|(?<=:\/\/[^/\s:@"\\]{0,64}:)[^/\s@"\\]+(?=@)/g;

/** A line without what looks like a secret. */
export const withoutSecrets = (line: string): string => line.replace(LOOKS_SECRET, '[redacted]');
