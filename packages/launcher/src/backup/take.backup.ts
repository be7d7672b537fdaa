import { Readable } from 'node:stream';
import type { BlobStore } from '@atrium/document/blobs';
import { LauncherError } from '../failure.ts';
import { FORMAT, type Manifest, type SchemaEntry } from './archive.format.ts';
import type { Seal } from './archive.seal.ts';
import { createArchive } from './archive.writer.ts';
import { dumpBlobs, readExpected } from './blobs.dump.ts';
import { readBooks } from './books.ts';
import { dumpSchema } from './database.dump.ts';
import { named, requireAllRows, withClient } from './sql.ts';

export interface BackupOptions {
  /** A role that sees every row. */
  readonly adminUrl: string;
  /** Schemas of the services; those that were never migrated are passed over. */
  readonly schemas: readonly string[];
  readonly blobs: BlobStore;
  /** Folder to make, or a file that ends in `.tar`. */
  readonly target: string;
  readonly seal?: Seal | undefined;
  /** What the installation keeps secret, as text; left out when absent. */
  readonly secrets?: string | undefined;
  readonly keyCheck?: string | undefined;
  say(line: string): void;
}

type Content = Pick<Manifest, 'snapshotAt' | 'postgres' | 'schemas' | 'books'>;

/**
 * Backs up database and files as of one moment, while everything runs. All tables are read in one snapshot, which also
 * says which files belong to it; files never change once they are there, so they are copied afterwards.
 * @returns the manifest of the finished archive
 */
export const takeBackup = async (options: BackupOptions): Promise<Omit<Manifest, 'parts' | 'seal'>> => {
  const { adminUrl, blobs, say } = options;
  const archive = await createArchive(options.target, options.seal);
  try {
    const { content, expected } = await withClient(adminUrl, async (client) => {
      await requireAllRows(client);
      await client.query('begin isolation level repeatable read read only');
      const { rows } = await client.query<{ at: Date; version: string }>(
        `select clock_timestamp() as at, current_setting('server_version') as version`,
      );
      const [moment] = rows;
      if (!moment) throw new Error('the database does not tell its time');
      const schemas: SchemaEntry[] = [];
      for (const schema of options.schemas) {
        const { rows: known } = await client.query(`select 1 where to_regclass($1) is not null`, [
          named(schema, 'migrations'),
        ]);
        if (known.length > 0) schemas.push(await dumpSchema(client, archive, schema));
      }
      if (schemas.length === 0) throw new LauncherError('There is nothing to back up', 'Start Atrium once first.');
      const written: Content = {
        snapshotAt: moment.at.toISOString(),
        postgres: moment.version,
        schemas,
        books: await readBooks(
          client,
          schemas.map(({ schema }) => schema),
        ),
      };
      const files = await readExpected(client);
      await client.query('commit');
      return { content: written, expected: files };
    });
    const rows = content.schemas.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
    say(`${rows} rows of ${content.schemas.length} schemas, as of ${content.snapshotAt}`);
    const copied = await withClient(adminUrl, (live) => dumpBlobs({ blobs, archive, expected, live }));
    say(`${copied.count} files, ${(copied.bytes / 1024 / 1024).toFixed(1)} MB`);
    if (options.secrets !== undefined) await archive.add('secrets.json.zst', Readable.from([options.secrets]));
    const manifest = {
      format: FORMAT,
      ...content,
      finishedAt: new Date().toISOString(),
      blobs: copied,
      ...(options.secrets === undefined ? {} : { secrets: 'secrets.json.zst' }),
      ...(options.keyCheck === undefined ? {} : { keyCheck: options.keyCheck }),
    } as const;
    await archive.finish(manifest);
    return manifest;
  } catch (error) {
    await archive.abandon();
    throw error;
  }
};
