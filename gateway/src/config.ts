import { BaseConfig, list } from '@atrium/service-kit';
import { z } from 'zod';

const count = (fallback: number, least = 0) => z.coerce.number().int().min(least).default(fallback);

/** Settings of the gateway. */
export const GatewayConfig = BaseConfig.extend({
  /** Where the services answer; AUTH_URL is in the base. */
  AGENT_URL: z.url().default('http://127.0.0.1:8002'),
  DOCUMENT_URL: z.url().default('http://127.0.0.1:8003'),
  BILLING_URL: z.url().default('http://127.0.0.1:8004'),
  CALENDAR_URL: z.url().default('http://127.0.0.1:8005'),
  /** Origins of browsers that may call, such as `https://app.example.com`, separated by commas. None: no CORS. */
  CORS_ORIGINS: list,
  /** Proxies whose X-Forwarded-* headers are believed: addresses, networks, `loopback` or `private`. None: nobody. */
  TRUST_PROXY: list,
  /** Most requests under way at once; see the base. */
  MAX_IN_FLIGHT: count(1_024),
  /** Seconds of a rate limit window. */
  RATE_LIMIT_WINDOW: count(60, 1),
  /** Sign-ins and registrations of one address in a window; 0 turns the limit off, here and below. */
  RATE_LIMIT_STRICT: count(60),
  /** Requests without a valid token of one address in a window. */
  RATE_LIMIT_ANONYMOUS: count(600),
  /** Requests of one user in a window. */
  RATE_LIMIT_USER: count(6_000),
  /** Deliveries of other systems (webhooks) from one address in a window; they are signed, and come in bursts. */
  RATE_LIMIT_WEBHOOK: count(6_000),
  /** Largest ordinary body in bytes. */
  BODY_LIMIT: count(2_097_152, 1),
  /** Largest upload in bytes: 200 MiB of file and the form around it. */
  UPLOAD_LIMIT: count(210_763_776, 1),
  /** Connections kept to each service for ordinary requests. */
  UPSTREAM_CONNECTIONS: count(128, 1),
  /** Milliseconds until a service must have taken the connection. */
  UPSTREAM_CONNECT_MS: count(2_000, 1),
  /** Milliseconds until a service must have begun to answer an ordinary request. */
  UPSTREAM_ANSWER_MS: count(30_000, 1),
  /** Milliseconds of silence after which a stream, an upload or a download is given up; services beat every 10 s. */
  UPSTREAM_IDLE_MS: count(60_000, 1),
  /** Failures in a row after which a service is left alone for a while. */
  BREAKER_FAILURES: count(5, 1),
  /** How long it is left alone, in milliseconds, before one request tries it again. */
  BREAKER_OPEN_MS: count(2_000, 1),
  /** WebSockets that one user may hold on this gateway. */
  SOCKETS_PER_USER: count(20, 1),
  /** Bytes waiting for a slow WebSocket client before it is told to come again later. */
  SOCKET_BACKLOG: count(1_048_576, 1),
  /** Milliseconds between heartbeats of a WebSocket; one that misses a beat is closed. */
  SOCKET_HEARTBEAT_MS: count(20_000, 10),
});
export type GatewayConfig = ReturnType<typeof GatewayConfig.parse>;
