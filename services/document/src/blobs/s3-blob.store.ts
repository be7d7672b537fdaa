import { Client, S3Error } from 'minio';
import { checkKey } from './blob.key.ts';
import { createMeter } from './blob.meter.ts';
import { BlobError } from './blob.store.ts';
import { createS3Agent } from './s3.agent.ts';
import type { BlobStore } from './blob.store.ts';

export interface S3Options {
  /** Such as `http://minio:9000`. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  region?: string;
  /** Bytes held in memory per upload; S3 wants at least 5 MiB and at most 10 000 parts. */
  partBytes?: number;
  /** Silence of the server after which a call has failed; ms. */
  idleMs?: number;
}

interface BegunUpload {
  key: string;
  uploadId: string;
  initiated: Date | string;
}

const DEFAULT_PART_BYTES = 8 * 2 ** 20;
const DEFAULT_IDLE_MS = 15_000;
const DEFAULT_REGION = 'us-east-1';

const isMissing = (error: unknown) =>
  error instanceof S3Error && ['NoSuchKey', 'NotFound', 'NoSuchBucket'].includes(error.code ?? '');

/** Regroups bytes into parts of exactly `partBytes`, the last one shorter. */
const inParts = async function* (
  source: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of source) {
    let rest = bytes;
    while (size + rest.length >= partBytes) {
      const fill = partBytes - size;
      yield Buffer.concat([...held, rest.subarray(0, fill)]);
      rest = rest.subarray(fill);
      held = [];
      size = 0;
    }
    if (rest.length > 0) held.push(rest);
    size += rest.length;
  }
  if (size > 0) yield Buffer.concat(held);
};

const createClient = ({ endpoint, accessKey, secretKey, region = DEFAULT_REGION, idleMs }: S3Options) => {
  const url = new URL(endpoint);
  return new Client({
    endPoint: url.hostname,
    useSSL: url.protocol === 'https:',
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    accessKey,
    secretKey,
    region,
    transportAgent: createS3Agent(url.protocol === 'https:', idleMs ?? DEFAULT_IDLE_MS),
    // Whoever asked is told at once, and knows whether to ask again.
    retryOptions: { disableRetry: true },
  });
};

/**
 * Keeps blobs in an S3 bucket, which is made when absent. Parts are sent one by one: the client's own stream upload
 * waits for ever when its source breaks off, and would complete an upload begun by someone else.
 */
export const createS3BlobStore = (options: S3Options): BlobStore => {
  const { bucket, region = DEFAULT_REGION, partBytes = DEFAULT_PART_BYTES } = options;
  const client = createClient(options);
  let bucketReady: Promise<void> | null = null;

  const createBucket = async () => {
    if (await client.bucketExists(bucket)) return;
    await client.makeBucket(bucket, region).catch((error: unknown) => {
      // Another replica was faster.
      if (!(error instanceof S3Error && error.code?.startsWith('BucketAlready'))) throw error;
    });
  };
  const ensureBucket = () =>
    (bucketReady ??= createBucket().catch((error: unknown) => {
      bucketReady = null;
      throw error;
    }));

  const putParts = async (key: string, first: Buffer, rest: AsyncGenerator<Buffer>) => {
    const uploadId = await client.initiateNewMultipartUpload(bucket, key, {});
    try {
      const done: { part: number; etag: string }[] = [];
      const send = async (part: Buffer) => {
        const partNumber = done.length + 1;
        const headers = { 'content-length': part.length };
        const { etag } = await client.uploadPart(
          { bucketName: bucket, objectName: key, uploadID: uploadId, partNumber, headers },
          part,
        );
        done.push({ part: partNumber, etag });
      };
      await send(first);
      for await (const part of rest) await send(part);
      await client.completeMultipartUpload(bucket, key, uploadId, done);
    } catch (error) {
      // The cause of the failure matters more than a failure to clean up; the sweep finds the rest.
      await client.abortMultipartUpload(bucket, key, uploadId).catch(() => {});
      throw error;
    }
  };

  return {
    async put(key, source, putOptions) {
      checkKey(key);
      await ensureBucket();
      const meter = createMeter(putOptions);
      const parts = inParts(meter.measure(source), partBytes);
      const { value: first = Buffer.alloc(0) } = await parts.next();
      // A part that is not full is the last one.
      if (first.length < partBytes) {
        await parts.next();
        await client.putObject(bucket, key, first, first.length);
      } else await putParts(key, first, parts);
      return meter.result();
    },

    async get(key) {
      checkKey(key);
      return client.getObject(bucket, key).catch((error: unknown) => {
        if (isMissing(error)) throw new BlobError('blob.not_found', `There is no blob ${key}`, { cause: error });
        throw error;
      });
    },

    async stat(key) {
      checkKey(key);
      try {
        return { size: (await client.statObject(bucket, key)).size };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async delete(key) {
      checkKey(key);
      await ensureBucket();
      await client.removeObject(bucket, key);
    },

    async *list(prefix) {
      await ensureBucket();
      const within = prefix === undefined ? '' : `${checkKey(prefix)}/`;
      for await (const { name } of client.listObjectsV2(bucket, within, true) as AsyncIterable<{ name?: string }>) {
        if (name !== undefined) yield name;
      }
    },

    async check() {
      try {
        await ensureBucket();
      } catch (error) {
        const why = error instanceof Error ? error.message || error.name : String(error);
        throw new BlobError(
          'blob.unavailable',
          `The bucket ${bucket} at ${options.endpoint} cannot be used (${why}). Check S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY and S3_BUCKET, and that the server runs.`,
          { cause: error },
        );
      }
    },

    // S3 has no folders.
    prune: async () => undefined,

    async sweep(before) {
      await ensureBucket();
      for await (const upload of client.listIncompleteUploads(bucket, '', true) as AsyncIterable<BegunUpload>) {
        if (new Date(upload.initiated) < before) await client.abortMultipartUpload(bucket, upload.key, upload.uploadId);
      }
    },
  };
};
