import { z } from 'zod';

/** Grows when an archive of before could no longer be read. */
export const FORMAT = 1;

const Part = z.object({
  /** Lower-case hex, of the bytes as they lie in the archive. */
  sha256: z.string().length(64),
  size: z.int().nonnegative(),
});

const Table = z.object({
  table: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.int().nonnegative(),
  part: z.string(),
});
export type TableEntry = z.infer<typeof Table>;

const Schema = z.object({
  schema: z.string(),
  /** Names of the migrations that made it, in order. */
  migrations: z.array(z.string()),
  tables: z.array(Table),
  sequences: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type SchemaEntry = z.infer<typeof Schema>;

const Books = z.object({
  /** Sum of all postings, by currency; all are zero. */
  ledger: z.array(z.object({ currency: z.string(), postings: z.int(), total: z.string() })),
  /** The ends of the audit chains of each schema that keeps a log, as one digest. */
  audit: z.array(z.object({ schema: z.string(), chains: z.int(), records: z.int(), heads: z.string() })),
});
export type Books = z.infer<typeof Books>;

/** What an archive says of itself, in `manifest.json`. */
export const Manifest = z.object({
  format: z.literal(FORMAT),
  /** The moment all of it is of, by the database's clock. */
  snapshotAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** Version of the Postgres it was read from. */
  postgres: z.string(),
  schemas: z.array(Schema),
  blobs: z.object({
    /** Part with one line of JSON a blob. */
    index: z.string(),
    count: z.int(),
    bytes: z.int(),
    /** Documents that were deleted while their bytes were still to be copied; a restore deletes them too. */
    deletedMeanwhile: z.array(z.string()),
    /** Keys that a living document names and the store does not have, or has otherwise than they were uploaded. */
    missing: z.array(z.string()),
    damaged: z.array(z.string()),
  }),
  books: Books,
  /** Part with the secrets of the installation; absent when it was left out. */
  secrets: z.string().optional(),
  /** Tells whether an installation has the keys that opened the sealed columns, without telling the keys. */
  keyCheck: z.string().optional(),
  parts: z.record(z.string(), Part),
  /** How it is encrypted; absent: it is not. */
  seal: z.object({ salt: z.string(), mac: z.string() }).optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** One line of the index of blobs. */
export const BlobEntry = z.object({ key: z.string(), size: z.int(), sha256: z.string(), part: z.string() });
export type BlobEntry = z.infer<typeof BlobEntry>;

export const MANIFEST_FILE = 'manifest.json';
