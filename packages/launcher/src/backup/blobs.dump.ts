import { Readable } from 'node:stream';
import type { BlobStore } from '@atrium/document/blobs';
import type pg from 'pg';
import { errorCode } from '../failure.ts';
import type { BlobEntry, Manifest } from './archive.format.ts';
import type { ArchiveWriter, Measured } from './archive.writer.ts';

/** Bytes that living documents named at the moment of the snapshot. */
export interface ExpectedBlob {
  readonly key: string;
  readonly documentId: string;
  readonly sha256: string;
  readonly size: number;
}

/** Reads which blobs belong to the snapshot; those of deleted documents are on their way out. */
export const readExpected = async (client: pg.Client): Promise<ExpectedBlob[]> => {
  const { rows: found } = await client.query(`select 1 where to_regclass('document.versions') is not null`);
  if (found.length === 0) return [];
  const { rows } = await client.query<ExpectedBlob>(
    `select v.blob_key as key, v.document_id as "documentId", v.sha256, v.size::float8 as size
     from document.versions v join document.documents d on d.workspace_id = v.workspace_id and d.id = v.document_id
     where d.deleted_at is null order by v.id`,
  );
  return rows;
};

/** Which of these documents are no more. */
const deletedAmong = async (client: pg.Client, ids: readonly string[]): Promise<Set<string>> => {
  const { rows } = await client.query<{ id: string }>(
    `select asked.id from unnest($1::uuid[]) as asked(id)
     where not exists (select 1 from document.documents d where d.id = asked.id and d.deleted_at is null)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
};

const partOf = (number: number): string =>
  `blobs/${String(Math.floor(number / 1000)).padStart(4, '0')}/${String(number % 1000).padStart(3, '0')}`;

/**
 * Copies blobs into the archive with their hashes. The text that was read out of a document goes with it when it is
 * there: it can be made again.
 * @param live a connection that sees what has happened since the snapshot
 */
export const dumpBlobs = async (options: {
  blobs: BlobStore;
  archive: ArchiveWriter;
  expected: readonly ExpectedBlob[];
  live: pg.Client;
}): Promise<Manifest['blobs']> => {
  const { blobs, archive, expected, live } = options;
  const entries: BlobEntry[] = [];
  const absent: ExpectedBlob[] = [];
  const damaged: string[] = [];

  const copy = async (key: string): Promise<Measured | undefined> => {
    try {
      const part = partOf(entries.length);
      const measured = await archive.add(part, await blobs.get(key), { compress: false });
      entries.push({ key, ...measured, part });
      return measured;
    } catch (error) {
      if (errorCode(error) === 'blob.not_found') return undefined;
      throw error;
    }
  };
  for (const blob of expected) {
    const measured = await copy(blob.key);
    if (!measured) absent.push(blob);
    else if (measured.sha256 !== blob.sha256) damaged.push(blob.key);
    await copy(`${blob.key}.text`);
  }
  const deleted =
    absent.length > 0
      ? await deletedAmong(
          live,
          absent.map(({ documentId }) => documentId),
        )
      : new Set();
  const index = 'blobs/index.jsonl.zst';
  await archive.add(index, Readable.from(entries.map((entry) => `${JSON.stringify(entry)}\n`)));
  return {
    index,
    count: entries.length,
    bytes: entries.reduce((sum, { size }) => sum + size, 0),
    deletedMeanwhile: [...new Set(absent.map(({ documentId }) => documentId))].filter((id) => deleted.has(id)),
    missing: absent.filter(({ documentId }) => !deleted.has(documentId)).map(({ key }) => key),
    damaged,
  };
};
