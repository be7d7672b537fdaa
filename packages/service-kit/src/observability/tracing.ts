import { randomUUID } from 'node:crypto';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Ids from random UUIDs, whose entropy Node keeps ready: `randomBytes` for each event was a twentieth of its cost. */
const newTraceId = (): string => randomUUID().replaceAll('-', '');
const newSpanId = (): string => {
  const id = randomUUID();
  return id.slice(24) + id.slice(9, 13);
};
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * The traceparent of a new child span (W3C Trace Context level 1): same trace when `parent` is valid, otherwise a
 * new trace. Used as it is when no tracing SDK is registered.
 */
export const childTraceparent = (parent?: string): string => {
  const match = parent ? TRACEPARENT.exec(parent) : null;
  return match ? `00-${match[1]}-${newSpanId()}-${match[2]}` : `00-${newTraceId()}-${newSpanId()}-01`;
};

/**
 * Runs `work` inside a span that continues `traceparent`. Costs next to nothing until an OpenTelemetry SDK is
 * registered in the process; the span then records failure and duration.
 */
export const inSpan = async <T>(
  name: string,
  options: { traceparent?: string | undefined; kind?: SpanKind; attributes?: Record<string, string> },
  work: (traceparent: string) => Promise<T>,
): Promise<T> => {
  // Without an SDK there is no propagator either, and nothing to record.
  if (propagation.fields().length === 0) return work(childTraceparent(options.traceparent));
  const parent = options.traceparent
    ? propagation.extract(context.active(), { traceparent: options.traceparent })
    : context.active();
  const span = trace
    .getTracer('atrium')
    .startSpan(name, { kind: options.kind ?? SpanKind.INTERNAL, attributes: options.attributes ?? {} }, parent);
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = span.isRecording()
    ? `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
    : childTraceparent(options.traceparent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(traceparent));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    if (error instanceof Error) span.recordException(error);
    throw error;
  } finally {
    span.end();
  }
};
