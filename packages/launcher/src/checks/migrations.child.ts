import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kitMigrations, type MigrationClass } from '@atrium/service-kit';
import { roles } from '../roles.ts';
import { findBlocking } from './migration.rules.ts';

/** Migrations of the first release: nobody had rows before it. */
const FIRST = path.join(import.meta.dirname, 'migrations.first.json');

/** The statements a migration would run, without a database: its questions are answered with nothing. */
const statementsOf = async (migration: InstanceType<MigrationClass>): Promise<string[]> => {
  const statements: string[] = [];
  const recorder = {
    query: (sql: string) => {
      statements.push(sql);
      return Promise.resolve([]);
    },
  };
  await migration.up(recorder as unknown as Parameters<typeof migration.up>[0]);
  return statements;
};

const reasonOf = (migration: object): string | undefined => {
  const reason: unknown = Reflect.get(migration, 'locks');
  return typeof reason === 'string' && reason.length > 20 ? reason : undefined;
};

/** Looks for statements that would hold up a running installation in every migration since the first release. */
const run = async (): Promise<number> => {
  const first = new Set(JSON.parse(readFileSync(FIRST, 'utf8')) as string[]);
  const definitions = await Promise.all(roles.map((role) => role.load()));
  const all = [
    ...kitMigrations.map((migration) => ({ schema: 'every schema', migration })),
    ...definitions.flatMap(({ schema, migrations }) =>
      (migrations ?? []).map((migration) => ({ schema: schema ?? '', migration })),
    ),
  ];
  let wrong = 0;
  for (const { schema, migration: Migration } of all) {
    if (first.has(Migration.name)) continue;
    const migration = new Migration();
    if (reasonOf(migration) !== undefined) continue;
    for (const { statement, instead } of findBlocking(await statementsOf(migration))) {
      wrong += 1;
      process.stdout.write(`${schema}/${Migration.name}: ${statement}\n    → ${instead}\n`);
    }
  }
  if (wrong > 0) {
    process.stdout.write(
      "See CONTRIBUTING.md, Migrations. If the table is small for sure, say so: readonly locks = 'why nobody waits'.\n" +
        `Before the first release, a migration may be named in ${path.relative(process.cwd(), FIRST)} instead.\n`,
    );
  }
  return wrong > 0 ? 1 : 0;
};

process.exit(await run());
