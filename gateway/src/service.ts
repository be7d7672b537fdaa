import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import {
  acceptApiKeys,
  addGauges,
  createApp,
  createDoor,
  createKeyExchange,
  createKeySource,
  createLogger,
  createMetrics,
  createRevocationSource,
  createTokenVerifier,
  drain,
  listen,
  openRedis,
  openTracing,
  portOf,
  readConfig,
  readiness,
  revocationGauges,
  watchPressure,
  watchRevocations,
  type Readiness,
  type RunningService,
} from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import { GatewayConfig } from './config.ts';
import { createDocumentSource } from './docs/openapi.source.ts';
import { createAdmission, createIdentify } from './entry/admission.ts';
import { createBrowserRules } from './entry/browser.headers.ts';
import { createCallerReader } from './entry/client.address.ts';
import { createHall, createRefusal } from './entry/hall.ts';
import { createObserver } from './entry/observe.ts';
import { createMatcher } from './entry/route.match.ts';
import { redisGauges, socketGauges, upstreamGauges } from './gauges.ts';
import { createRateLimits } from './limits/rate.limits.ts';
import { createRetryGate } from './limits/retry.gate.ts';
import { createHub } from './live/hub.ts';
import { followLive } from './live/live.feed.ts';
import { createSockets, type Sockets } from './live/sockets.ts';
import { isUncounted, openapi, ownRoutes } from './own.routes.ts';
import { routes } from './routes.table.ts';
import { createUpstreams, servicesOf } from './upstreams.ts';

/** A request waits this long for Redis at most; then its gateway counts by itself. */
const LIMIT_MS = 250;
const START_MS = 1_000;
const TAKE_OVER_MS = 5_000;

const answering = async (redis: Redis): Promise<unknown> =>
  redis.status === 'ready' ? undefined : once(redis, 'ready');

/** Waits for Redis before the first request, so that it is counted with those of other gateways; but not for long. */
const soon = async (work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, START_MS)));
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
};

const serve = async (config: GatewayConfig, hall: RequestListener, sockets: Sockets): Promise<Server> => {
  const server = await listen(hall, config.HOST, config.PORT, {
    // Other upgrades are offers that a server may leave aside (RFC 9110 §7.8), such as h2c from curl.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.on('upgrade', (req, socket, head) => void sockets.upgrade(req, socket, head));
  // The hall says "continue" itself, once the request is let in.
  server.on('checkContinue', hall);
  return server;
};

const start = async (env: NodeJS.ProcessEnv): Promise<RunningService> => {
  const config = readConfig(GatewayConfig, env);
  const log = createLogger({ service: 'gateway', level: config.LOG_LEVEL, file: config.LOG_FILE });
  const metrics = createMetrics('gateway');
  const tracing = await openTracing('gateway', config, { edge: true });
  const draining = new AbortController();
  const now = Date.now;
  const readCaller = createCallerReader(config.TRUST_PROXY);
  const redis = openRedis(config.REDIS_URL, { log, name: 'gateway:limits', timeoutMs: LIMIT_MS });
  const feed = openRedis(config.REDIS_URL, { log, name: 'gateway:live', patient: true });

  const match = createMatcher(routes);
  const services = servicesOf(config);
  const refuse = createRefusal(log, (code) => metrics.problems.inc({ operation: 'gateway', code }));
  const upstreams = createUpstreams(config, ({ req, res, hasBody }, error) => refuse(req, res, error, hasBody), now);

  const news = openRedis(config.REDIS_URL, { log, name: 'gateway:revocations', patient: true });
  const source = createRevocationSource(config.AUTH_URL);
  const revocations = watchRevocations({ source, redis: news, prefix: config.QUEUE_PREFIX, log });
  const keys = createKeySource(new URL('/.well-known/jwks.json', config.AUTH_URL).href);
  const verify = acceptApiKeys(createTokenVerifier(keys, now, revocations), createKeyExchange(config.AUTH_URL), now);
  const rateLimited = metrics.counter('gateway_rate_limited_total', 'Requests beyond a rate limit', ['class']);
  const limits = createRateLimits({
    redis,
    prefix: config.QUEUE_PREFIX,
    settings: {
      strict: config.RATE_LIMIT_STRICT,
      anonymous: config.RATE_LIMIT_ANONYMOUS,
      user: config.RATE_LIMIT_USER,
      webhook: config.RATE_LIMIT_WEBHOOK,
      windowSeconds: config.RATE_LIMIT_WINDOW,
    },
    refused: (name) => rateLimited.inc({ class: name }),
    now,
  });
  const pressure = watchPressure(config.OVERLOAD_DELAY_MS);
  const door = createDoor({ most: config.MAX_IN_FLIGHT, pressure, metrics });
  const ready = (): Promise<Readiness> =>
    readiness([{ name: 'redis', vital: false, check: () => redis.ping() }], draining.signal.aborted);
  const document = createDocumentSource({ services, match, own: openapi, now });
  const identify = createIdentify(verify, limits);
  const admit = createAdmission(identify, limits, readCaller);
  const own = createApp({
    routes: ownRoutes({ metrics, services, ready, document, admit }),
    verify,
    log,
    metrics,
    tracing,
    draining: draining.signal,
  });
  const hub = createHub(log);
  const listening = followLive(feed, config.QUEUE_PREFIX, hub);
  const sockets = createSockets({
    hub,
    verify,
    limits,
    readCaller,
    origins: config.CORS_ORIGINS,
    settings: {
      perUser: config.SOCKETS_PER_USER,
      backlog: config.SOCKET_BACKLOG,
      heartbeatMs: config.SOCKET_HEARTBEAT_MS,
    },
    log,
    now,
  });
  addGauges(
    metrics,
    [
      upstreamGauges(upstreams.all),
      socketGauges(sockets),
      redisGauges(redis),
      revocationGauges(revocations),
      door.gauges,
    ],
    log,
  );
  revocations.onNews(() => sockets.closeRevoked(revocations));
  const browserRules = createBrowserRules(config.CORS_ORIGINS);
  const hall = createHall({
    match,
    upstreams: upstreams.byName,
    identify,
    limits,
    retries: createRetryGate(now),
    readCaller,
    browserRules,
    observe: createObserver(log, metrics, tracing),
    own,
    isUncounted,
    bodyLimits: { json: config.BODY_LIMIT, upload: config.UPLOAD_LIMIT },
    refuse,
  });

  const stop = async (): Promise<void> => {
    await Promise.all([upstreams.close(), tracing.close()]);
    pressure.stop();
    redis.disconnect();
    feed.disconnect();
    revocations.close();
    news.disconnect();
  };
  // A gateway that takes over from another one must not refuse tokens because auth is slow just then.
  await Promise.all([soon(Promise.all([answering(redis), listening])), revocations.begun(TAKE_OVER_MS), keys.begun()]);
  const server = await serve(config, door.guard(hall, browserRules), sockets).catch(async (error: unknown) => {
    sockets.close();
    await stop();
    throw error;
  });
  const port = portOf(server);
  log.info({ port }, 'gateway is ready');
  let closing: Promise<void> | undefined;
  const close = async (lingerMs?: number): Promise<void> => {
    draining.abort();
    sockets.close();
    upstreams.endStreams();
    await drain(server, undefined, lingerMs);
    await stop();
  };
  return {
    name: 'gateway',
    port,
    url: `http://${config.HOST}:${port}`,
    ready,
    close: (lingerMs) => (closing ??= close(lingerMs)),
  };
};

/** The one door: routes, limits, streams, WebSockets and documentation of everything behind it. */
export const gateway = { name: 'gateway', start, openapi };
