import { randomBytes } from 'node:crypto';
import type { BlobStore } from '@atrium/document/blobs';
import { kitMigrations, verifyAudit } from '@atrium/service-kit';
import { LauncherError } from '../failure.ts';
import type { RoleDefinition } from '../roles.ts';
import type { Manifest } from './archive.format.ts';
import type { ArchiveReader } from './archive.reader.ts';
import { loadBlobs } from './blobs.load.ts';
import { compareBooks, readBooks } from './books.ts';
import { compareCounts, loadSchema } from './database.load.ts';
import { databaseOf, dropDatabase, requireRoom, swapDatabases } from './database.swap.ts';
import { onDatabase, withClient } from './sql.ts';

/** Runs migrations; `only` leaves out the newer ones of a schema. */
type MigrateTo = (adminUrl: string, only?: ReadonlyMap<string, ReadonlySet<string>>) => Promise<string[]>;

export interface RestoreOptions {
  readonly archive: ArchiveReader;
  /** A superuser, or a role that may create databases and set session_replication_role. */
  readonly adminUrl: string;
  readonly definitions: readonly RoleDefinition[];
  readonly migrate: MigrateTo;
  readonly blobs: BlobStore;
  /** Takes the place of what is there, which is kept under another name. */
  readonly replace: boolean;
  say(line: string): void;
}

/** What a restore did. */
export interface RestoreReport {
  /** The database that was there before, when it was not empty. */
  readonly former: string | undefined;
  readonly rows: number;
  readonly files: number;
  /** Migrations that are newer than the backup. */
  readonly migrated: readonly string[];
}

/** @throws LauncherError when the backup is of a newer Atrium */
const requireKnown = (manifest: Manifest, definitions: readonly RoleDefinition[], kit: readonly string[]): void => {
  for (const { schema, migrations } of manifest.schemas) {
    const own = definitions.find((definition) => definition.schema === schema)?.migrations;
    const known = new Set([...kit, ...(own ?? []).map(({ name }) => name)]);
    const unknown = migrations.filter((name) => !known.has(name));
    if (unknown.length === 0) continue;
    throw new LauncherError(
      `The backup is of a newer Atrium: it has ${schema}/${unknown[0]}, which is not known here`,
      'Restore with that version or a newer one.',
    );
  }
};

const markDeleted = async (url: string, { blobs, snapshotAt }: Manifest): Promise<void> => {
  if (blobs.deletedMeanwhile.length === 0) return;
  await withClient(url, async (client) => {
    await client.query(`update document.documents set deleted_at = $2 where id = any($1::uuid[])`, [
      blobs.deletedMeanwhile,
      snapshotAt,
    ]);
    await client.query(`delete from document.chunks where document_id = any($1::uuid[])`, [blobs.deletedMeanwhile]);
  });
};

/** Compares what was restored with what the backup says of itself. @throws LauncherError naming every difference */
const verify = async (url: string, manifest: Manifest): Promise<void> => {
  const schemas = manifest.schemas.map(({ schema }) => schema);
  const wrong = await withClient(url, async (client) => [
    ...(await compareCounts(client, manifest.schemas)),
    ...compareBooks(manifest.books, await readBooks(client, schemas)),
  ]);
  const { breaks } = await verifyAudit({ adminUrl: url, schemas });
  wrong.push(...breaks.map(({ schema, sequence, problem }) => `record ${sequence} of ${schema}'s audit: ${problem}`));
  if (wrong.length > 0) throw new LauncherError(`What was restored is not what was backed up: ${wrong.join('; ')}`);
};

/**
 * Restores into a new database beside the one that is there, checks it, and exchanges the two in one transaction: until
 * then nothing has changed, and whatever fails, nothing will have. Files come first; those of no document are swept.
 */
export const restoreBackup = async (options: RestoreOptions): Promise<RestoreReport> => {
  const { archive, adminUrl, definitions, migrate, say } = options;
  const { manifest } = archive;
  requireKnown(
    manifest,
    definitions,
    kitMigrations.map(({ name }) => name),
  );
  const damaged = await archive.damaged();
  if (damaged.length > 0) {
    throw new LauncherError(`The backup is damaged: ${damaged.join(', ')}`, 'Nothing was changed. Use another backup.');
  }
  say('every part of the backup has its hash');
  const schemas = definitions.flatMap(({ schema }) => (schema ? [schema] : []));
  const empty = await requireRoom(adminUrl, schemas, options.replace);

  const fresh = `${databaseOf(adminUrl)}_restore_${randomBytes(4).toString('hex')}`;
  const freshUrl = onDatabase(adminUrl, fresh);
  await withClient(adminUrl, (client) => client.query(`create database "${fresh}" template template0`));
  try {
    await migrate(freshUrl, new Map(manifest.schemas.map(({ schema, migrations }) => [schema, new Set(migrations)])));
    await withClient(freshUrl, async (client) => {
      for (const entry of manifest.schemas) await loadSchema(client, archive, entry);
      await client.query('analyze');
    });
    await verify(freshUrl, manifest);
    const rows = manifest.schemas.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
    say(`${rows} rows are back; counts, ledger and audit chains are those of the backup`);
    await markDeleted(freshUrl, manifest);
    const migrated = await migrate(freshUrl);
    const files = await loadBlobs(archive, options.blobs);
    say(`${files} files are back, each with its hash`);
    const former = await swapDatabases(adminUrl, fresh, empty);
    return { former, rows, files, migrated };
  } catch (error) {
    await dropDatabase(adminUrl, fresh).catch(() => undefined);
    throw error;
  }
};
