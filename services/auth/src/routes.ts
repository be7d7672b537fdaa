import type { Route } from '@atrium/service-kit';
import { accountRoutes } from './accounts/account.routes.ts';
import { apiKeyRoutes } from './api-keys/api-key.routes.ts';
import { auditRoutes } from './audit/audit.routes.ts';
import { emailRoutes } from './emails/email.routes.ts';
import { googleRoutes } from './google/google.routes.ts';
import { mfaRoutes } from './mfa/mfa.routes.ts';
import { passkeyRoutes } from './passkeys/passkey.routes.ts';
import { passkeySignInRoutes } from './passkeys/passkey.sign-in.routes.ts';
import { revocationRoutes } from './revocations/revocation.routes.ts';
import { sessionRoutes } from './sessions/session.routes.ts';
import { countSignIns, type SignInCounter } from './sign-ins/sign-in.counter.ts';
import { tokenRoutes } from './tokens/token.routes.ts';
import { limitRoutes, type RouteGuard } from './attempts/route.limits.ts';
import { workspaceFeatureRoutes } from './workspaces/workspace.parts.ts';

type PartsOf<Routes extends (parts: never) => unknown> = Parameters<Routes>[0];
type Features = PartsOf<typeof accountRoutes> &
  PartsOf<typeof sessionRoutes> &
  PartsOf<typeof tokenRoutes> &
  PartsOf<typeof revocationRoutes> &
  PartsOf<typeof emailRoutes> &
  PartsOf<typeof mfaRoutes> &
  PartsOf<typeof googleRoutes> &
  PartsOf<typeof passkeyRoutes> &
  PartsOf<typeof passkeySignInRoutes> &
  PartsOf<typeof auditRoutes> &
  PartsOf<typeof apiKeyRoutes> & {
    workspaceFeatures: PartsOf<typeof workspaceFeatureRoutes>;
    routeGuard: RouteGuard;
    signIns: SignInCounter;
  };

/** All routes of auth, each public one within its limits. */
export const authRoutes = (features: Features, erasure: readonly Route[]): Route[] =>
  limitRoutes(
    countSignIns(features.signIns, [
      ...accountRoutes(features),
      ...sessionRoutes(features),
      ...tokenRoutes(features),
      ...workspaceFeatureRoutes(features.workspaceFeatures),
      ...revocationRoutes(features),
      ...emailRoutes(features),
      ...mfaRoutes(features),
      ...googleRoutes(features),
      ...passkeyRoutes(features),
      ...passkeySignInRoutes(features),
      ...erasure,
      ...auditRoutes(features),
      ...apiKeyRoutes(features),
    ]),
    (...call) => features.routeGuard(...call),
  );
