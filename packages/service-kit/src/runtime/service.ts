import type { ServiceName } from '@atrium/contracts';
import type { EntitySchema } from 'typeorm';
import type { z } from 'zod';
import { requireAuditLog } from '../audit/audit.schema.ts';
import { auditRoutes, readsAudit, type AuditReading } from '../audit/audit.routes.ts';
import { createAuditor, isAudited } from '../audit/auditor.ts';
import type { MigrationClass } from '../data/migrate.ts';
import { createApp } from '../http/app.ts';
import { createClientOf } from '../http/client.ts';
import { describeRoutes, type OpenApiDocument } from '../http/openapi.ts';
import type { Route } from '../http/route.ts';
import type { JobHandler } from '../jobs/job.ts';
import { createErasure, type ErasureSpec } from '../erasure/erasure.job.ts';
import type { ErasureStep } from '../erasure/erasure.plan.ts';
import { addGauges, type GaugeSource } from '../observability/gauges.ts';
import { revocationGauges } from '../observability/kit.gauges.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Subscriber } from '../events/subscriber.ts';
import { acceptApiKeys, createKeyExchange, type KeyExchange } from '../security/api.key.ts';
import type { KeySource } from '../security/jwks.ts';
import type { RevocationSource } from '../security/revocation.source.ts';
import { createTokenVerifier } from '../security/token.ts';
import { readConfig, type ServiceConfig } from './config.ts';
import { healthRoutes, readiness, type HealthCheck, type Readiness } from './health.ts';
import { introspectionRoutes } from './introspection.routes.ts';
import { endsWithin, LEAVE_MS } from './leave.ts';
import { opsRoutes } from './ops.routes.ts';
import { openParts, type ServiceContext } from './parts.ts';
import { drain, listen, portOf } from './server.ts';

/** A role that runs: its address, its readiness, and the way to stop it. */
export interface RunningService {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  ready(): Promise<Readiness>;
  /**
   * Readiness off, no new requests, running ones end, workers hand back their work, connections close.
   * @param lingerMs how long idle connections are kept for clients that are about to use them; none when absent
   */
  close(lingerMs?: number): Promise<void>;
}

/** A service as the launcher and the migrations see it. */
export interface ServiceDefinition {
  readonly name: ServiceName;
  readonly schema: string;
  /** Tables without a tenant, listed by hand. */
  readonly shared: readonly string[];
  readonly migrations: readonly MigrationClass[];
  /** What an erasure does with each table. */
  readonly erasure: readonly ErasureStep[];
  /** What an operator can have done without a running service, by name; each says what it did. */
  readonly tasks: Readonly<Record<string, (env: NodeJS.ProcessEnv) => Promise<string>>>;
  start(env: NodeJS.ProcessEnv): Promise<RunningService>;
  /** The document of its routes; needs neither settings nor a database. */
  openapi(): OpenApiDocument;
  /** Whether a process of its own lets others have the processors first: {@link giveWay}. */
  readonly givesWay: boolean;
}

/** What a service is made of. `compose` builds its features; the rest binds them to HTTP, events and jobs. */
export interface ServiceSpec<Shape extends z.ZodRawShape, Features> {
  readonly name: ServiceName;
  readonly schema: string;
  readonly shared?: readonly string[];
  readonly config: z.ZodObject<Shape>;
  readonly entities: readonly EntitySchema[];
  readonly migrations: readonly MigrationClass[];
  compose(context: ServiceContext<z.infer<z.ZodObject<Shape>> & ServiceConfig>): Features | Promise<Features>;
  routes(features: Features): readonly Route[];
  subscribers?(features: Features): readonly Subscriber[];
  jobs?(features: Features): readonly JobHandler[];
  /** Where public keys come from, when not from auth over HTTP: auth knows its own. */
  keys?(features: Features): KeySource;
  /** Where revocations come from, when not from auth over HTTP: auth knows its own. */
  revocations?(features: Features): RevocationSource;
  /** Trades API keys for tokens, when not at auth over HTTP. */
  apiKeys?(features: Features): KeyExchange;
  /** Every service keeps an audit log, made by `createAuditLog` in a migration; only one that changes nothing may not. */
  readonly audit?: 'none';
  /** What is measured when somebody scrapes, beyond what the kit measures of every service. */
  gauges?(features: Features): readonly GaugeSource[];
  /** What readiness asks beyond the database and Redis. */
  checks?(features: Features): readonly HealthCheck[];
  /** What becomes of its tables when a person or a workspace is erased. */
  readonly erasure?: ErasureSpec<Features>;
  close?(features: Features): Promise<void>;
  readonly tasks?: ServiceDefinition['tasks'];
}

/** Stands for features that nothing calls: routes are described without being served. */
const inert: unknown = new Proxy(() => undefined, { get: () => inert, apply: () => inert });

/**
 * Whether a service keeps an audit log.
 * @throws Error when it says that it does not, and changes something
 */
const keepsAudit = <Shape extends z.ZodRawShape, Features>(
  { name, audit, routes }: ServiceSpec<Shape, Features>,
  features: Features,
): boolean => {
  if (audit !== 'none') return true;
  const unrecorded = routes(features).filter(isAudited);
  if (unrecorded.length === 0) return false;
  throw new Error(`${name} keeps no audit log but has ${unrecorded.map(({ id }) => id).join(', ')}: keep one.`);
};

/** How long a start waits for auth; without it the service serves all the same, and asks again when somebody comes. */
const TAKE_OVER_MS = 3_000;

const startService = async <Shape extends z.ZodRawShape, Features>(
  spec: ServiceSpec<Shape, Features>,
  env: NodeJS.ProcessEnv,
  document: () => OpenApiDocument,
): Promise<RunningService> => {
  const config = readConfig(spec.config, env) as z.infer<z.ZodObject<Shape>> & ServiceConfig;
  const parts = await openParts(spec, config);
  const { context, draining } = parts;
  try {
    const features = await spec.compose(context);
    const checks = [...parts.checks, ...(spec.checks?.(features) ?? [])];
    const revocations = parts.watchRevocations(spec.revocations?.(features));
    const gauges = [revocationGauges(revocations), parts.door.gauges, ...(spec.gauges?.(features) ?? [])];
    addGauges(context.metrics, gauges, context.log);
    const ready = (): Promise<Readiness> => readiness(checks, draining.signal.aborted);
    const erasure = createErasure({
      service: spec.name,
      runtime: context.runtime,
      steps: spec.erasure?.steps ?? [],
      effects: spec.erasure?.effects?.(features) ?? {},
      log: context.log,
    });
    const audited = keepsAudit(spec, features);
    const { db } = context.runtime;
    if (audited) await requireAuditLog(db, spec);
    const workers = parts.startWorkers(
      [...(spec.subscribers?.(features) ?? []), erasure.subscriber],
      [...(spec.jobs?.(features) ?? []), erasure.job],
    );
    const app = createApp({
      routes: [
        ...spec.routes(features),
        ...(audited ? auditRoutes(spec.name, readsAudit(context.runtime)) : []),
        ...workers.routes,
        ...healthRoutes(ready),
        ...introspectionRoutes(context.metrics, document),
      ],
      verify: acceptApiKeys(
        createTokenVerifier(spec.keys?.(features) ?? parts.keys, Date.now, revocations),
        spec.apiKeys?.(features) ?? createKeyExchange(config.AUTH_URL),
      ),
      revocations,
      log: context.log,
      metrics: context.metrics,
      tracing: context.tracing,
      draining: draining.signal,
      auditor: audited
        ? createAuditor({ db, clientOf: createClientOf(config.TRUST_FORWARDED), log: context.log })
        : undefined,
    });
    // A process that takes over from another must not refuse tokens because auth is slow just then.
    await Promise.all([revocations.begun(TAKE_OVER_MS), spec.keys ? undefined : parts.keys.begun()]);
    const server = await listen(parts.door.guard(app), config.HOST, config.PORT).catch(async (error: unknown) => {
      await workers.stop();
      throw error;
    });
    const port = portOf(server);
    context.log.info({ port }, `${spec.name} is ready`);
    let closing: Promise<void> | undefined;
    const close = async (lingerMs?: number): Promise<void> => {
      draining.abort();
      await drain(server, undefined, lingerMs);
      await workers.stop();
      const ended = Promise.resolve(spec.close?.(features)).catch((error: unknown) =>
        context.log.warn({ err: error }, 'a feature did not end well'),
      );
      if (!(await endsWithin(ended, LEAVE_MS))) context.log.warn('a feature did not end in time; it is left behind');
      await parts.close();
    };
    return {
      name: spec.name,
      port,
      url: `http://${config.HOST}:${port}`,
      ready,
      close: (lingerMs) => (closing ??= close(lingerMs)),
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
};

/** Declares a service: one object from which it is migrated, documented and started. */
export const defineService = <Shape extends z.ZodRawShape, Features>(
  spec: ServiceSpec<Shape, Features>,
): ServiceDefinition => {
  const openapi = (): OpenApiDocument =>
    describeRoutes(spec.name, [
      ...spec.routes(inert as Features),
      ...(keepsAudit(spec, inert as Features) ? auditRoutes(spec.name, inert as AuditReading) : []),
      ...opsRoutes(spec.name, inert as Parameters<typeof opsRoutes>[1]),
      ...healthRoutes(inert as () => Promise<Readiness>),
      ...introspectionRoutes(inert as Metrics, openapi),
    ]);
  return {
    name: spec.name,
    schema: spec.schema,
    shared: spec.shared ?? [],
    migrations: spec.migrations,
    erasure: spec.erasure?.steps ?? [],
    tasks: spec.tasks ?? {},
    openapi,
    givesWay: true,
    start: (env) => startService(spec, env, openapi),
  };
};
