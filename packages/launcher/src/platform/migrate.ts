import type { LauncherConfig } from '../config.ts';
import { LauncherError, errorText } from '../failure.ts';
import type { Secrets } from '../home/secrets.ts';
import type { RoleDefinition } from '../roles.ts';

/** Brings the schemas of these roles up to date. @returns the migrations that were run, as `schema/name` */
export type Migrate = (options: {
  adminUrl: string;
  definitions: readonly RoleDefinition[];
  passwords: Readonly<Record<string, string>>;
  /** Names of migrations, by schema; others of those schemas are left for later. */
  only?: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}) => Promise<string[]>;

/** With the kit's migrations; it is loaded when needed, so that small commands stay quick. */
export const migrateSchemas: Migrate = async ({ adminUrl, definitions, passwords, only }) => {
  const { migrate } = await import('@atrium/service-kit');
  const services = definitions.flatMap(({ schema, migrations }) =>
    schema && migrations ? [{ schema, migrations }] : [],
  );
  try {
    return await migrate({ adminUrl, services, passwords, only });
  } catch (error) {
    throw new LauncherError(
      `The database could not be brought up to date: ${errorText(error)}`,
      'Its schema is as the last finished migration left it. Correct the cause and start again; ./atrium doctor looks at the server.',
      { cause: error },
    );
  }
};

/** The passwords of the database roles: the operator's where given, ours otherwise. */
export const rolePasswords = (config: LauncherConfig, secrets: Secrets): Record<string, string> => ({
  ...secrets.dbPasswords,
  ...config.dbPasswords,
});
