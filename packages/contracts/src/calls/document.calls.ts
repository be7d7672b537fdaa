import { z } from 'zod';
import { defineCall } from '../call.ts';

export const SearchRequest = z.strictObject({
  query: z.string().trim().min(1).max(1000),
  limit: z.coerce.number().int().min(1).max(50).default(5),
  documentId: z.uuid().optional(),
});

export const SearchHit = z.object({
  documentId: z.uuid(),
  versionId: z.uuid(),
  title: z.string(),
  /** First page of the passage, from 1; null where the format has no pages. */
  page: z.int().positive().nullable(),
  heading: z.string().nullable(),
  text: z.string(),
  snippet: z.string(),
  /** Fused rank score, only comparable within one answer. */
  score: z.number(),
});

export const searchDocuments = defineCall({
  service: 'document',
  method: 'get',
  path: '/api/v1/documents/search',
  request: SearchRequest,
  response: z.object({ data: z.array(SearchHit) }),
});
