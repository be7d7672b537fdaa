import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, Metrics, Span, Tracing } from '@atrium/service-kit';

const beginSpan = (tracing: Tracing, req: IncomingMessage, name: string): Span => {
  const { traceparent } = req.headers;
  const given = typeof traceparent === 'string' ? traceparent : undefined;
  const span = tracing.begin(name, { traceparent: given, kind: 'server' });
  req.headers['traceparent'] = span.traceparent;
  return span;
};

/**
 * Measures a request and writes one line about it when its answer is over, as services do for theirs. The first span of
 * its trace is made here, and what the service sees as `traceparent` is that span.
 */
export const createObserver = (log: Logger, metrics: Metrics, tracing: Tracing) => {
  return (req: IncomingMessage, res: ServerResponse, path: string, operation: string, requestId: string): void => {
    const started = performance.now();
    const method = req.method ?? 'GET';
    const span = tracing.on ? beginSpan(tracing, req, `${method} ${operation}`) : undefined;
    res.once('close', () => {
      const seconds = (performance.now() - started) / 1000;
      const status = res.writableFinished ? res.statusCode : 499;
      metrics.httpDuration.observe({ operation, method, status: String(status) }, seconds);
      span?.set({ 'http.request.method': method, 'http.response.status_code': status });
      span?.end(status >= 500 ? new Error('request failed') : undefined);
      if (status < 500 && !log.isLevelEnabled('debug')) return;
      const line = { requestId, operation, method, path, status, ms: Math.round(seconds * 1e4) / 10 };
      if (status >= 500) log.error(line, 'request failed');
      else log.debug(line, 'request');
    });
  };
};
export type Observe = ReturnType<typeof createObserver>;
