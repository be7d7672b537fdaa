import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Raised with every problem of a configuration at once; the message is for the person at the terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const fromFiles = (env: NodeJS.ProcessEnv, names: readonly string[], problems: string[]): Record<string, string> => {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    const path = env[`${name}_FILE`];
    if (value !== undefined && value !== '') values[name] = value;
    else if (path) {
      try {
        values[name] = readFileSync(path, 'utf8').trimEnd();
      } catch (error) {
        problems.push(`${name}_FILE: ${String(error).replace(/^Error: /, '')}`);
      }
    }
  }
  return values;
};

/**
 * Reads a service's settings from its environment. Any `NAME` may be given as `NAME_FILE`, the path of a file that
 * holds the value (for mounted secrets); empty values count as absent.
 * @throws ConfigError listing every problem, one a line
 */
export const readConfig = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> => {
  const problems: string[] = [];
  const parsed = schema.safeParse(fromFiles(env, Object.keys(schema.shape), problems));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
  }
  if (problems.length > 0 || !parsed.success) {
    throw new ConfigError(`The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  return parsed.data;
};

/** A yes/no setting: `true|1|yes|on` or `false|0|no|off`. */
export const flag = (fallback: boolean): z.ZodType<boolean> => z.stringbool().default(fallback);

/** A setting of several values, separated by commas; none when absent. */
export const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );

/** Settings that every service has; services extend it. */
export const BaseConfig = z.object({
  /** Port to listen on; 0 picks a free one. */
  PORT: z.coerce.number().int().min(0).max(65535),
  /** Address to listen on. */
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** File that log lines are appended to; standard output when absent. */
  LOG_FILE: z.string().optional(),
  /** Requests that may be under way at once; the limit falls below it by itself while work waits. 0: no limit. */
  MAX_IN_FLIGHT: z.coerce.number().int().min(0).default(256),
  /** Delay of the event loop, in milliseconds, above which requests are turned away. */
  OVERLOAD_DELAY_MS: z.coerce.number().min(1).default(20),
  REDIS_URL: z.url(),
  /** Prefix of every Redis key and queue, so that several installations can share a server. */
  QUEUE_PREFIX: z.string().default('atrium'),
  /** Where auth answers: public keys and delegated tokens come from there. */
  AUTH_URL: z.url().default('http://127.0.0.1:8001'),
  /** Where spans go over OTLP/HTTP, such as `http://otel-collector:4318`; none are made when absent. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** Which traces are kept; services follow what the gateway decided. */
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on'),
  /** Share of traces that the ratio samplers keep. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});
export type BaseConfig = z.infer<typeof BaseConfig>;

/** Settings of a service with a database. */
export const ServiceConfig = BaseConfig.extend({
  /** Connection of this service's own role to its own schema. */
  DATABASE_URL: z.url(),
  /** Connections kept in the pool. */
  DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(10),
  /** Whether X-Forwarded-For names the client; yes where only the gateway reaches this port. */
  TRUST_FORWARDED: flag(true),
  /** Failures in a row after which what is outside (models, file store, Stripe, mail server) is left alone for a while. */
  BREAKER_FAILURES: z.coerce.number().int().min(1).default(5),
  /** How long it is left alone, in milliseconds, before one call tries it again. */
  BREAKER_OPEN_MS: z.coerce.number().int().min(1).default(5_000),
  /** This service's credential for delegated tokens. */
  SERVICE_SECRET: z.string().min(16).optional(),
});
export type ServiceConfig = z.infer<typeof ServiceConfig>;
