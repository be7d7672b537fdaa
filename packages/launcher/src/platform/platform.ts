import type { LauncherConfig } from '../config.ts';
import { startBacking, type Backing } from '../embedded/backing.ts';
import { errorText, type LauncherError } from '../failure.ts';
import { prepareHome, type Home } from '../home/home.ts';
import { claimRun } from '../home/run.file.ts';
import { readSecrets, type Secrets } from '../home/secrets.ts';
import { roleEnv, urlOf } from '../roles.env.ts';
import type { Role } from '../roles.ts';
import { rolePasswords, type Migrate } from './migrate.ts';
import { requireFreePorts } from './ports.check.ts';
import { loadRole, startRoles, stopRoles } from './running.roles.ts';

/** A running Atrium: its roles and what they stand on. */
export interface Platform {
  /** Where each role answers, by role. */
  readonly urls: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly backing: Backing;
  /** Drains the roles, then stops Redis and Postgres. */
  stop(): Promise<void>;
}

export interface PlatformOptions {
  readonly config: LauncherConfig;
  readonly home: Home;
  /** All roles there are. */
  readonly table: readonly Role[];
  /** The ones to run. */
  readonly chosen: readonly Role[];
  readonly migrate: Migrate;
  /** Aborted to give up the start. */
  readonly signal: AbortSignal;
  say(line: string): void;
  /** Called when something that ran fails for good. */
  failed(error: LauncherError): void;
  /** Told of what is running, so that it can be ended by force. */
  backed?(backing: Backing): void;
}

/** Schemas and services that need a password of their own. */
export const needsOf = (table: readonly Role[]): { schemas: string[]; services: string[] } => ({
  schemas: table.flatMap(({ schema }) => (schema ? [schema] : [])),
  services: table.flatMap(({ schema, name }) => (schema ? [name] : [])),
});

/**
 * Starts everything: claims the home, starts the embedded parts, migrates, starts the roles. What was started is
 * stopped again, in the other order, when a later step fails or the signal is aborted.
 * @throws LauncherError, or the signal's reason
 */
export const startPlatform = async (options: PlatformOptions): Promise<Platform> => {
  const { config, home, table, chosen, signal, say } = options;
  await using undo = new AsyncDisposableStack();
  await prepareHome(home);
  const claim = await claimRun(home.runFile, new Date());
  undo.defer(() => claim.release());
  const secrets = readSecrets(home.secretsFile, needsOf(table));
  await requireFreePorts(chosen, config);

  const embedded = [...(config.databaseUrl ? [] : ['Postgres']), ...(config.redisUrl ? [] : ['Redis'])];
  if (embedded.length > 0) say(`starting ${embedded.join(' and ')}`);
  // Reading the code and starting the servers take about as long; they do not need each other.
  const loading = Promise.all(chosen.map(async (role) => ({ role, definition: await loadRole(role) })));
  loading.catch(() => undefined);
  const backing = await startBacking({ config, home, secrets, say, failed: options.failed, signal });
  undo.defer(() => backing.stop());
  options.backed?.(backing);
  const loaded = await loading;
  signal.throwIfAborted();

  const definitions = loaded.map(({ definition }) => definition);
  const migrated = await options.migrate({
    adminUrl: backing.adminUrl,
    definitions,
    passwords: rolePasswords(config, secrets),
  });
  say(migrated.length > 0 ? `database brought up to date (${migrated.length} migrations)` : 'database is up to date');
  signal.throwIfAborted();

  const withEnv = loaded.map(({ role, definition }) => ({
    role,
    definition,
    env: roleEnv(role, { config, home, secrets, backing, table }),
  }));
  const started = await startRoles(withEnv, { portBase: config.portBase, say });
  const announceFailure = (role: string, error: unknown): void =>
    say(`${role} did not stop cleanly: ${errorText(error)}`);
  undo.defer(() => stopRoles(started, announceFailure));
  signal.throwIfAborted();

  const urls = Object.fromEntries(chosen.map((role) => [role.name, urlOf(role, config.portBase)]));
  claim.update({ state: 'ready', urls });
  const rest = undo.move();
  return {
    urls,
    secrets,
    backing,
    async stop() {
      claim.update({ state: 'stopping' });
      await rest.disposeAsync();
    },
  };
};
