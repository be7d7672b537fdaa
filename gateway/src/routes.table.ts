import type { ServiceName } from '@atrium/contracts';

/** Which limit a request counts against. Requests with a token count for their user. */
export type RateClass = 'strict' | 'anonymous' | 'user' | 'webhook';

/** One line of the table: what is below this path belongs to that service. */
export interface GatewayRoute {
  /** Without a trailing slash. */
  readonly path: string;
  /** Only this path and nothing below it, with this method. */
  readonly only?: 'GET' | 'POST';
  readonly to: ServiceName;
  /** Whether it is served without a token; everything else needs one. */
  readonly public?: boolean;
  readonly rate: RateClass;
  /** `upload`: bodies that are not JSON may have the size of an upload. */
  readonly body: 'json' | 'upload';
}

const api = (path: string, to: ServiceName, more: Partial<GatewayRoute> = {}): GatewayRoute => ({
  path: `/api/v1${path}`,
  to,
  rate: 'user',
  body: 'json',
  ...more,
});

const signIn = (path: string, rate: RateClass): GatewayRoute => api(path, 'auth', { only: 'POST', public: true, rate });

/** The one list of what the outside world reaches. `/api/<path>` is served as `/api/v1/<path>`. */
export const routes: readonly GatewayRoute[] = [
  { path: '/.well-known/jwks.json', only: 'GET', to: 'auth', public: true, rate: 'anonymous', body: 'json' },
  signIn('/auth/register', 'strict'),
  signIn('/auth/login', 'strict'),
  signIn('/auth/refresh', 'anonymous'),
  api('/auth/permissions', 'auth', { only: 'GET', public: true, rate: 'anonymous' }),
  signIn('/auth/verify-email', 'strict'),
  signIn('/auth/verify-email/resend', 'strict'),
  signIn('/auth/password/forgot', 'strict'),
  signIn('/auth/password/reset', 'strict'),
  signIn('/auth/mfa/verify', 'strict'),
  signIn('/auth/passkeys/sign-in/options', 'anonymous'),
  signIn('/auth/passkeys/sign-in', 'strict'),
  signIn('/auth/passkeys/mfa/options', 'strict'),
  signIn('/auth/passkeys/mfa', 'strict'),
  api('/auth/google', 'auth', { only: 'GET', public: true, rate: 'anonymous' }),
  api('/auth/google/callback', 'auth', { only: 'GET', public: true, rate: 'strict' }),
  api('/auth', 'auth'),
  api('/users', 'auth'),
  api('/me/calendar', 'calendar'),
  api('/me/erasure', 'auth', { public: true, rate: 'anonymous' }),
  api('/me', 'auth'),
  api('/workspaces', 'auth'),
  api('/invitations', 'auth'),
  api('/audit-log', 'auth'),
  api('/api-keys', 'auth'),
  api('/agents', 'agent-orchestrator'),
  api('/conversations', 'agent-orchestrator'),
  api('/runs', 'agent-orchestrator'),
  api('/onboarding', 'agent-orchestrator'),
  api('/documents', 'document', { body: 'upload' }),
  api('/transcriptions', 'document', { body: 'upload' }),
  api('/billing/webhooks/stripe', 'billing', { only: 'POST', public: true, rate: 'webhook' }),
  api('/billing', 'billing'),
  api('/calendar', 'calendar'),
  api('/meetings', 'calendar'),
  api('/ops/auth', 'auth'),
  api('/ops/agent-orchestrator', 'agent-orchestrator'),
  api('/ops/document', 'document'),
  api('/ops/billing', 'billing'),
  api('/ops/calendar', 'calendar'),
];
