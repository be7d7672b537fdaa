import type { ServiceName } from './subscriptions.ts';

/** Roles of a member in a workspace, weakest first. */
export const roles = ['viewer', 'member', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

interface ByRole {
  /** The weakest role that may. */
  readonly role: Role;
}
interface ByService {
  /** The services that may, acting for a user with a delegated token; no person may by themselves. */
  readonly services: readonly ServiceName[];
}

/** The one table of what may be done by whom. Every route names one of these, or `public`. */
export const permissions = {
  'profile:read': { role: 'viewer' },
  'profile:write': { role: 'viewer' },
  'workspace:read': { role: 'viewer' },
  'workspace:create': { role: 'viewer' },
  'workspace:write': { role: 'admin' },
  'membership:write': { role: 'viewer' },
  'member:read': { role: 'viewer' },
  'member:write': { role: 'admin' },
  'invitation:read': { role: 'admin' },
  'invitation:write': { role: 'admin' },
  'user:read': { role: 'admin' },
  'user:write': { role: 'admin' },
  'session:read': { role: 'viewer' },
  'session:write': { role: 'viewer' },
  'password:write': { role: 'viewer' },
  'account:erase': { role: 'viewer' },
  'workspace:erase': { role: 'owner' },
  'audit:read': { role: 'admin' },
  'api-key:read': { role: 'viewer' },
  'api-key:write': { role: 'viewer' },
  'agent:read': { role: 'viewer' },
  'agent:write': { role: 'admin' },
  'conversation:read': { role: 'viewer' },
  'conversation:write': { role: 'member' },
  'document:read': { role: 'viewer' },
  'document:write': { role: 'member' },
  'calendar:read': { role: 'viewer' },
  'calendar:write': { role: 'member' },
  'billing:read': { role: 'viewer' },
  'ops:read': { role: 'owner' },
  'ops:write': { role: 'owner' },
  'internal:audit.read': { services: ['auth'] },
  'internal:calendar.grant': { services: ['auth'] },
  'internal:billing.hold': { services: ['agent-orchestrator'] },
  'internal:billing.charge': { services: ['agent-orchestrator', 'document'] },
} as const satisfies Record<string, ByRole | ByService>;

export type Permission = keyof typeof permissions;

/** Permissions that a key can never carry: it cannot make keys that outlive it, and it has no session. */
const ofPeopleOnly: readonly string[] = ['api-key:write', 'session:write'];

/** What an API key may be limited to: permissions that people have. */
export const keyScopes: readonly Permission[] = (Object.keys(permissions) as Permission[]).filter(
  (name) => 'role' in permissions[name] && !ofPeopleOnly.includes(name),
);

/** Whoever asks: a member's role, and the service acting for them if there is one. */
export interface Asker {
  readonly role: Role;
  readonly actor?: string | undefined;
  /** Permissions that their token is limited to, as with an API key; absent: all of the role's. */
  readonly scopes?: readonly string[] | undefined;
}

/** Whether the asker may; pure and total. */
export const isAllowed = (permission: Permission, asker: Asker): boolean => {
  const rule: ByRole | ByService = permissions[permission];
  return 'role' in rule
    ? roles.indexOf(asker.role) >= roles.indexOf(rule.role) && (asker.scopes?.includes(permission) ?? true)
    : rule.services.some((name) => name === asker.actor);
};
