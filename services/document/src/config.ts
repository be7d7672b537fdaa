import { ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';

/** Settings of the document service. */
export const Config = ServiceConfig.extend({
  /** Where it is asked what a workspace's plan allows. */
  BILLING_URL: z.url().default('http://127.0.0.1:8004'),
  /** Folder that uploaded files are kept in, on a single machine. */
  BLOB_DIR: z.string().optional(),
  /** S3-compatible server that uploaded files are kept in instead, such as `http://minio:9000`. */
  S3_ENDPOINT: z.url().optional(),
  S3_ACCESS_KEY: z.string().optional(),
  S3_SECRET_KEY: z.string().optional(),
  /** Made when it is not there. */
  S3_BUCKET: z.string().min(3).default('atrium-documents'),
  /** Largest file in bytes. */
  MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(200 * 2 ** 20),
  /** Key of OpenAI or of a compatible server; with it texts are compared by meaning, without it by spelling. */
  OPENAI_API_KEY: z.string().optional(),
  /** A compatible server; EMBEDDING_MODEL must be set with it, since not every server has embeddings. */
  OPENAI_BASE_URL: z.url().optional(),
  /** Model that makes the vectors; `builtin` needs no server. */
  EMBEDDING_MODEL: z.string().optional(),
  /** Length of the vectors; needed for models other than text-embedding-3. 512 is the length that has an index. */
  EMBEDDING_DIMENSIONS: z.coerce.number().int().min(1).max(16_000).optional(),
});
export type Config = z.infer<typeof Config>;
