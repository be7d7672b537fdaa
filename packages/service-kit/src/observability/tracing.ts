import { randomUUID } from 'node:crypto';
import { currentContext } from '../runtime/context.ts';

/** Ids from random UUIDs, whose entropy Node keeps ready: `randomBytes` for each event was a twentieth of its cost. */
const newTraceId = (): string => randomUUID().replaceAll('-', '');
const newSpanId = (): string => {
  const id = randomUUID();
  return id.slice(24) + id.slice(9, 13);
};
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * The traceparent of a new child span (W3C Trace Context level 1): same trace when `parent` is valid, otherwise a
 * new trace. Used as it is where spans are not exported, so that log lines of one request still share a trace id.
 */
export const childTraceparent = (parent?: string): string => {
  const match = parent ? TRACEPARENT.exec(parent) : null;
  return match ? `00-${match[1]}-${newSpanId()}-${match[2]}` : `00-${newTraceId()}-${newSpanId()}-01`;
};

type Attributes = Readonly<Record<string, string | number | boolean>>;
/** How a piece of work stands to what is around it, as OpenTelemetry names it. */
export type SpanRole = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** One piece of work in a trace. Names and attributes never hold what people wrote, nor SQL with data. */
export interface Span {
  /** What the work passes on, so that what follows from it becomes a child. */
  readonly traceparent: string;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** @param failure what the work failed with, if it did; the span keeps its class, not its text */
  end(failure?: unknown): void;
}

export interface SpanOptions {
  /** The span it follows from; a new trace when absent or not valid. */
  readonly traceparent?: string | undefined;
  readonly kind?: SpanRole;
  readonly attributes?: Attributes;
}

/** The spans of one role. */
export interface Tracing {
  /** Whether spans are exported at all. */
  readonly on: boolean;
  begin(name: string, options?: SpanOptions): Span;
  /** Sends what is left. */
  close(): Promise<void>;
}

const nothing = (): void => undefined;

/** Exports nothing and costs no more than an id. */
export const untraced: Tracing = {
  on: false,
  begin: (_name, options) => ({
    traceparent: childTraceparent(options?.traceparent),
    rename: nothing,
    set: nothing,
    end: nothing,
  }),
  close: () => Promise.resolve(),
};

/**
 * Runs `work` inside a span that continues `traceparent`, or the current request, event or job when that is absent.
 * @param options.tracing whose span it is; of the current context unless given
 */
export const inSpan = async <T>(
  name: string,
  options: SpanOptions & { tracing?: Tracing },
  work: (traceparent: string, span: Span) => Promise<T>,
): Promise<T> => {
  const context = currentContext();
  const { tracing = context?.tracing ?? untraced, traceparent = context?.traceparent, ...rest } = options;
  const span = tracing.begin(name, { ...rest, traceparent });
  let failure: unknown;
  try {
    return await work(span.traceparent, span);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    span.end(failure);
  }
};
