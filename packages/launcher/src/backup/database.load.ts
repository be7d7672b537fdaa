import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { LauncherError } from '../failure.ts';
import type { SchemaEntry, TableEntry } from './archive.format.ts';
import type { ArchiveReader } from './archive.reader.ts';
import { readShapes, type TableShape } from './database.dump.ts';
import { identifier, named } from './sql.ts';

const list = (columns: readonly { name: string }[]): string => columns.map(({ name }) => identifier(name)).join(', ');

const sameColumns = (told: TableEntry, shape: TableShape): boolean => {
  const own = new Map(shape.columns.map(({ name, type }) => [name, type]));
  return told.columns.every(({ name, type }) => own.get(name) === type);
};

/** Where a column has another type here, such as a vector where pgvector is installed, values go through a table of texts. */
const loadTable = async (
  client: pg.Client,
  archive: ArchiveReader,
  schema: string,
  table: TableEntry,
  shape: TableShape,
) => {
  const target = named(schema, table.table);
  const direct = sameColumns(table, shape);
  const into = direct ? target : 'pg_temp.incoming';
  if (!direct) {
    const columns = table.columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
    await client.query(`create temporary table incoming (${columns})`);
  }
  const sink = client.query(copyFrom(`copy ${into} (${list(table.columns)}) from stdin`));
  await pipeline(await archive.open(table.part), sink);
  if (direct) return;
  const types = new Map(shape.columns.map(({ name, type }) => [name, type]));
  const cast = table.columns.map(({ name }) => `${identifier(name)}::${types.get(name) ?? 'text'}`).join(', ');
  await client.query(
    `insert into ${target} (${list(table.columns)}) overriding system value select ${cast} from incoming`,
  );
  await client.query('drop table pg_temp.incoming');
};

const shapeOf = (shapes: readonly TableShape[], schema: string, told: TableEntry): TableShape => {
  const shape = shapes.find(({ table }) => table === told.table);
  const known = new Set(shape?.columns.map(({ name }) => name));
  const unknown = told.columns.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (shape && unknown.length === 0) return shape;
  throw new LauncherError(
    shape
      ? `The table ${schema}.${told.table} of this Atrium has no column ${unknown.join(', ')}`
      : `This Atrium has no table ${schema}.${told.table}`,
    'Restore with the version that made the backup, then upgrade.',
  );
};

/**
 * Fills a schema that was migrated to exactly the state of the backup. Triggers rest meanwhile: what they would do
 * has been done, and is in the rows.
 */
export const loadSchema = async (client: pg.Client, archive: ArchiveReader, entry: SchemaEntry): Promise<void> => {
  const shapes = await readShapes(client, entry.schema);
  await client.query('begin');
  // public is where pgvector's types are.
  await client.query(`set local session_replication_role to replica; set local search_path to pg_catalog, public`);
  // Migrations bring rows of their own, which are among those of the backup.
  const all = shapes.map(({ table }) => named(entry.schema, table));
  if (all.length > 0) await client.query(`truncate ${all.join(', ')}`);
  for (const table of entry.tables) {
    await loadTable(client, archive, entry.schema, table, shapeOf(shapes, entry.schema, table));
  }
  for (const { name, value } of entry.sequences) {
    await client.query('select setval($1::regclass, $2::bigint)', [named(entry.schema, name), value]);
  }
  await client.query('commit');
};

/** Which tables have not as many rows as the backup says, in words. */
export const compareCounts = async (client: pg.Client, schemas: readonly SchemaEntry[]): Promise<string[]> => {
  const wrong: string[] = [];
  for (const { schema, tables } of schemas) {
    for (const { table, rows: told } of tables) {
      const { rows } = await client.query<{ count: number }>(`select count(*)::int from ${named(schema, table)}`);
      const found = rows[0]?.count;
      if (found !== told) wrong.push(`${schema}.${table} has ${found} rows instead of ${told}`);
    }
  }
  return wrong;
};
