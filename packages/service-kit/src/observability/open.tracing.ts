import type { BaseConfig } from '../runtime/config.ts';
import { untraced, type Tracing } from './tracing.ts';

export interface TracingSettings {
  readonly service: string;
  readonly endpoint: string;
  /** As OpenTelemetry names them in OTEL_TRACES_SAMPLER. */
  readonly sampler: string;
  /** Share of traces that the ratio samplers keep, 0 to 1. */
  readonly ratio: number;
  /** Decides by itself what is sampled: what a client says of its own trace does not count. */
  readonly edge: boolean;
}

/** The spans of a role, as its settings have it; without an endpoint the SDK is not even loaded. */
export const openTracing = async (
  service: string,
  config: Pick<BaseConfig, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_TRACES_SAMPLER' | 'OTEL_TRACES_SAMPLER_ARG'>,
  options: { edge?: boolean } = {},
): Promise<Tracing> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config;
  if (!endpoint) return untraced;
  const { createOtlpTracing } = await import('./otlp.tracing.ts');
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio } = config;
  return createOtlpTracing({ service, endpoint, sampler, ratio, edge: options.edge ?? false });
};
