import type { Readable } from 'node:stream';

/** Bytes kept outside the database, by key. Implementations: a folder and S3. */
export interface BlobStore {
  /**
   * Streams bytes to `key`. The key shows nothing until all have arrived; a source that fails, a limit that is passed
   * or a cancelled signal leaves no trace. An existing blob is replaced whole.
   */
  put(key: string, source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<StoredBlob>;
  /** Opens a blob for reading. Throws `blob.not_found` before the first byte. */
  get(key: string): Promise<Readable>;
  /** Size in bytes, or null when there is no such blob. */
  stat(key: string): Promise<{ size: number } | null>;
  /** Removes a blob; removing one that is not there is no error. */
  delete(key: string): Promise<void>;
  /** Keys that begin with the whole segments of `prefix`, such as a workspace or a document; all without it. */
  list(prefix?: string): AsyncIterable<string>;
  /** Removes what a store keeps of an empty prefix, such as folders; whatever is not empty stays. */
  prune(prefix: string): Promise<void>;
  /** Resolves when bytes can be stored. Throws `blob.unavailable`, saying what to do, when they cannot. */
  check(): Promise<void>;
  /** Removes what uploads begun before `before` left behind when their process died. */
  sweep(before: Date): Promise<void>;
}

export interface PutOptions {
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface StoredBlob {
  /** Bytes. */
  size: number;
  /** Lower-case hex. */
  sha256: string;
}

export type BlobCode = 'blob.not_found' | 'blob.too_large' | 'blob.invalid_key' | 'blob.unavailable';

export class BlobError extends Error {
  readonly code: BlobCode;

  constructor(code: BlobCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BlobError';
    this.code = code;
  }
}
