import { destination, pino, type Logger } from 'pino';
import { currentContext } from '../runtime/context.ts';

export type { Logger } from 'pino';

/** Fields whose values never reach a log line, at any of these depths. */
const SECRETS = ['password', 'token', 'accessToken', 'refreshToken', 'secret', 'authorization', 'apiKey', 'cookie'];

/**
 * A JSON logger whose every line carries the service and the current request, operation, workspace and user.
 * @param file appended to; standard output when absent
 */
export const createLogger = (options: { service: string; level: string; file?: string | undefined }): Logger =>
  pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
        censor: '[redacted]',
      },
      mixin: () => {
        const context = currentContext();
        if (!context) return {};
        const { requestId, traceparent, operation, workspaceId, userId, actor } = context;
        return { requestId, traceId: traceparent.slice(3, 35), operation, workspaceId, userId, actor };
      },
    },
    options.file ? destination({ dest: options.file, append: true, mkdir: true, sync: false }) : destination(1),
  );
