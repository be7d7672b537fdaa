import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { SchemaEntry, TableEntry } from './archive.format.ts';
import type { ArchiveWriter } from './archive.writer.ts';
import { identifier, named } from './sql.ts';

/** Types that only exist where an extension is installed, and what their values are written as instead. */
const PORTABLE: Readonly<Record<string, string>> = { vector: 'real[]', halfvec: 'real[]' };

const portable = (type: string): string => PORTABLE[type.replace(/^public\./, '').replace(/\(\d+\)$/, '')] ?? type;

/** A table of a schema and the columns that have a content of their own. */
export interface TableShape {
  readonly table: string;
  readonly columns: { name: string; type: string }[];
}

/** Every table that holds rows, but not the list of migrations: those are run again. */
export const readShapes = async (client: pg.Client, schema: string): Promise<TableShape[]> => {
  const { rows } = await client.query<{ table: string; columns: { name: string; type: string }[] }>(
    `select c.relname as "table", coalesce(json_agg(json_build_object(
         'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum
       ) filter (where a.attname is not null), '[]') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'migrations'
     group by c.relname order by c.relname`,
    [schema],
  );
  return rows;
};

const dumpTable = async (
  client: pg.Client,
  archive: ArchiveWriter,
  schema: string,
  shape: TableShape,
): Promise<TableEntry> => {
  const columns = shape.columns.map(({ name, type }) => ({ name, type: portable(type), own: type }));
  const chosen = columns.map(({ name, type, own }) => identifier(name) + (type === own ? '' : `::${type}`)).join(', ');
  const part = `tables/${schema}.${shape.table}.txt.zst`;
  const rows = client.query(copyTo(`copy (select ${chosen} from ${named(schema, shape.table)}) to stdout`));
  await archive.add(part, rows);
  return { table: shape.table, columns: columns.map(({ name, type }) => ({ name, type })), rows: rows.rowCount, part };
};

const readSequences = async (client: pg.Client, schema: string): Promise<SchemaEntry['sequences']> => {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select sequencename as name, last_value::text as value from pg_sequences
     where schemaname = $1 and last_value is not null order by 1`,
    [schema],
  );
  return rows;
};

/** Writes a schema's rows as they are in the connection's snapshot; text, as pg_dump does, since every version reads it. */
export const dumpSchema = async (client: pg.Client, archive: ArchiveWriter, schema: string): Promise<SchemaEntry> => {
  const { rows } = await client.query<{ name: string }>(`select name from ${named(schema, 'migrations')} order by id`);
  const tables: TableEntry[] = [];
  for (const shape of await readShapes(client, schema)) tables.push(await dumpTable(client, archive, schema, shape));
  // Numbers given out since the snapshot stay given out.
  const sequences = await readSequences(client, schema);
  return { schema, migrations: rows.map(({ name }) => name), tables, sequences };
};
