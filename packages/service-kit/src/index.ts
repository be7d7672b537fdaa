export { auditSteps } from './audit/audit.erasure.ts';
export { createAuditReader, type AuditReader } from './audit/audit.reader.ts';
export { createAuditLog, dropAuditLog, indexAuditLog } from './audit/audit.schema.ts';
export { noteAudit, type AuditNote } from './audit/audit.ticket.ts';
export { recordAudit } from './audit/audit.writer.ts';
export { verifyAudit, type AuditBreak, type AuditReport } from './audit/audit.verify.ts';
export { keyInProgress, keyMismatch, Replay } from './data/idempotency.ts';
export { openDatabase } from './data/database.ts';
export { findIsolationGaps, protectTable, systemTables, type IsolationGap } from './data/isolation.ts';
export { kitMigrations, migrate, roleOf, type MigrationClass, type SchemaOwner } from './data/migrate.ts';
export { SnakeNaming } from './data/naming.ts';
export { retryTransaction } from './data/retry.ts';
export { createTotals, dropTotals } from './data/totals.ts';
export { outsideWorkspaces, type Tenant } from './data/tenant.ts';
export { enterTenant } from './data/tenant.session.ts';
export { transactional, type DataRuntime, type Transactional, type Unit } from './data/transactional.ts';
export { findErasureGaps, type ErasureGap } from './erasure/erasure.gaps.ts';
export type { ErasureEffect, ErasureSpec } from './erasure/erasure.job.ts';
export { erases, holdsNobody, releases, retains, type ErasureStep } from './erasure/erasure.plan.ts';
export { noteErased } from './erasure/erasure.store.ts';
export { createOutboxStore } from './events/outbox.store.ts';
export type { Outbox } from './events/outbox.ts';
export { startRelay } from './events/relay.ts';
export { subscriber, type ReceivedEvent, type Subscriber } from './events/subscriber.ts';
export { createDoor, type Door } from './http/door.ts';
export { createApp, observed, requestIdOf } from './http/app.ts';
export { createClientOf, type Client, type ClientOf } from './http/client.ts';
export { describeRoutes, type OpenApiDocument } from './http/openapi.ts';
export { decodeCursor, encodeCursor, IdParams, pageOf, PageQuery, toPage, type Cursor } from './http/page.ts';
export {
  conflict,
  DomainError,
  forbidden,
  invalid,
  notFound,
  Problem,
  problemOf,
  sendProblem,
  toDomainError,
  unauthenticated,
  unavailable,
  type FieldError,
} from './http/problem.ts';
export { fullPath, route, type Route, type RouteInput } from './http/route.ts';
export { streamEvents, type ServerSentEvent } from './http/sse.ts';
export { leaveUnread } from './http/unread.body.ts';
export { JobStopped } from './jobs/job.attempt.ts';
export { defineJob, jobHandler, JobRefused, type JobAttempt, type JobFailure, type JobHandler } from './jobs/job.ts';
export type { JobQueue } from './jobs/job.queue.ts';
export { createLogger, type Logger } from './observability/log.ts';
export { addGauges, readTotals, type GaugeSample, type GaugeSource } from './observability/gauges.ts';
export { revocationGauges } from './observability/kit.gauges.ts';
export { createMetrics, type Metrics } from './observability/metrics.ts';
export { openTracing } from './observability/open.tracing.ts';
export { childTraceparent, inSpan, untraced, type Span, type Tracing } from './observability/tracing.ts';
export { BaseConfig, ConfigError, flag, list, readConfig, ServiceConfig } from './runtime/config.ts';
export { apartFromRequest, currentContext, withContext, type Context } from './runtime/context.ts';
export { healthRoutes, Readiness, readiness, type HealthCheck } from './runtime/health.ts';
export { newId, NO_WORKSPACE } from './runtime/ids.ts';
export { introspectionRoutes } from './runtime/introspection.routes.ts';
export { livePattern, type LiveMessage } from './runtime/live.ts';
export { startLoop, type Loop } from './runtime/loop.ts';
export type { ServiceContext } from './runtime/parts.ts';
export { watchPressure, type Pressure } from './runtime/pressure.ts';
export { openRedis } from './runtime/redis.ts';
export { drain, listen, PortTaken, portOf } from './runtime/server.ts';
export { runAlone } from './runtime/run.alone.ts';
export { defineService, type RunningService, type ServiceDefinition } from './runtime/service.ts';
export {
  allowsModel,
  createEntitlements,
  requireEntitlement,
  within,
  type EntitlementSource,
} from './security/entitlements.ts';
export { acceptApiKeys, createKeyExchange, isApiKey, newApiKey, type KeyExchange } from './security/api.key.ts';
export { createKeySource, type KeySource } from './security/jwks.ts';
export { createRevocationSource, type RevocationSource } from './security/revocation.source.ts';
export { revocationChannel, watchRevocations, type RevocationWatch } from './security/revocation.watch.ts';
export { callService, createDelegation, type Delegation } from './security/service.client.ts';
export {
  bearerToken,
  createTokenVerifier,
  TOKEN_ISSUER,
  TokenClaims,
  type Identity,
  type TokenVerifier,
} from './security/token.ts';
export { createVault, dataKeys, type DataKeys, type Vault } from './security/vault.ts';
