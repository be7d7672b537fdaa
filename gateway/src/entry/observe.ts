import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, Metrics } from '@atrium/service-kit';

/** Measures a request and writes one line about it when its answer is over, as services do for theirs. */
export const createObserver = (log: Logger, metrics: Metrics) => {
  return (req: IncomingMessage, res: ServerResponse, path: string, operation: string, requestId: string): void => {
    const started = performance.now();
    const method = req.method ?? 'GET';
    res.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const status = res.writableFinished ? res.statusCode : 499;
      metrics.httpDuration.observe({ operation, method, status: String(status) }, seconds);
      if (status < 500 && !log.isLevelEnabled('debug')) return;
      const line = { requestId, operation, method, path, status, ms: Math.round(seconds * 1e4) / 10 };
      if (status >= 500) log.error(line, 'request failed');
      else log.debug(line, 'request');
    });
  };
};
export type Observe = ReturnType<typeof createObserver>;
