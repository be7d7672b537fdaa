import type { ErasureStep, MigrationClass, OpenApiDocument, RunningService } from '@atrium/service-kit';
import { LauncherError } from './failure.ts';

/** What every role's package exports; the gateway has no database, so no schema and no migrations. */
export interface RoleDefinition {
  readonly name: string;
  readonly schema?: string;
  readonly migrations?: readonly MigrationClass[];
  /** What an erasure does with each of its tables. */
  readonly erasure?: readonly ErasureStep[];
  start(env: NodeJS.ProcessEnv): Promise<RunningService>;
  /** What an operator can have done while it does not run, by name. */
  readonly tasks?: Readonly<Record<string, (env: NodeJS.ProcessEnv) => Promise<string>>>;
  openapi(): OpenApiDocument;
}

/** Settings that only some roles may see. */
export type RoleNeed = 'jwt-key' | 'blobs' | 'models' | 'mail' | 'vault' | 'google' | 'payments';

/** One line of the role table. */
export interface Role {
  readonly name: string;
  /** Added to the port base. */
  readonly offset: number;
  /** Its schema, which is also the suffix of its database role; absent: no database. */
  readonly schema?: string;
  /** The setting by which the others find it. */
  readonly urlSetting?: string;
  readonly needs: readonly RoleNeed[];
  load(): Promise<RoleDefinition>;
}

/** Every role, in the order they are started; they are stopped the other way round. */
export const roles: readonly Role[] = [
  {
    name: 'auth',
    offset: 1,
    schema: 'auth',
    urlSetting: 'AUTH_URL',
    needs: ['jwt-key', 'mail', 'vault', 'google'],
    load: async () => (await import('@atrium/auth')).service,
  },
  {
    name: 'billing',
    offset: 4,
    schema: 'billing',
    urlSetting: 'BILLING_URL',
    needs: ['payments'],
    load: async () => (await import('@atrium/billing')).service,
  },
  {
    name: 'document',
    offset: 3,
    schema: 'document',
    urlSetting: 'DOCUMENT_URL',
    needs: ['blobs', 'models'],
    load: async () => (await import('@atrium/document')).service,
  },
  {
    name: 'calendar',
    offset: 5,
    schema: 'calendar',
    urlSetting: 'CALENDAR_URL',
    needs: ['vault'],
    load: async () => (await import('@atrium/calendar')).service,
  },
  {
    name: 'agent-orchestrator',
    offset: 2,
    schema: 'agent',
    urlSetting: 'AGENT_URL',
    needs: ['models'],
    load: async () => (await import('@atrium/agent-orchestrator')).service,
  },
  {
    name: 'gateway',
    offset: 0,
    needs: [],
    load: async () => (await import('@atrium/gateway')).gateway,
  },
];

/**
 * The roles a person asked for: names separated by commas or spaces, `all` or nothing for every one.
 * @throws LauncherError naming the unknown ones
 */
export const chooseRoles = (words: readonly string[], table: readonly Role[]): readonly Role[] => {
  const names = words
    .flatMap((word) => word.split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length === 0 || names.includes('all')) return table;
  const unknown = names.filter((name) => !table.some((role) => role.name === name));
  if (unknown.length > 0) {
    throw new LauncherError(
      `There is no role ${unknown.join(', ')}`,
      `The roles are ${table.map(({ name }) => name).join(', ')}, or all.`,
    );
  }
  return table.filter(({ name }) => names.includes(name));
};
