import { destination, pino, type Logger } from 'pino';
import { currentContext } from '../runtime/context.ts';
import { redactFields, withoutSecrets } from './redaction.ts';

export type { Logger } from 'pino';

/**
 * A JSON logger whose every line carries the service and the current request, operation, workspace and user. What is
 * secret is left out: by the names of fields, by what errors carry, and by what it looks like; see redaction.ts.
 * @param file appended to; standard output when absent
 */
export const createLogger = (options: { service: string; level: string; file?: string | undefined }): Logger =>
  pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      hooks: { streamWrite: withoutSecrets },
      mixin: () => {
        const context = currentContext();
        if (!context) return {};
        const { requestId, traceparent, operation, workspaceId, userId, actor } = context;
        return { requestId, traceId: traceparent.slice(3, 35), operation, workspaceId, userId, actor };
      },
    },
    options.file ? destination({ dest: options.file, append: true, mkdir: true, sync: false }) : destination(1),
  );
