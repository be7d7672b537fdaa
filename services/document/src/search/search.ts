import type { SearchHit, SearchRequest } from '@atrium/contracts';
import type { Embedder } from '@atrium/llm';
import type { Logger, Tenant, Transactional } from '@atrium/service-kit';
import type { z } from 'zod';
import type { QueryVector, SearchService } from './search.service.ts';

/** A slower embedding than this is not waited for. */
const EMBED_MS = 5_000;

/**
 * Embeds the question, then searches. The embedder is asked outside of the transaction, and when it does not answer
 * the words are searched alone: a worse answer is better than none.
 */
export const createSearch = (parts: { search: Transactional<SearchService>; embedder: Embedder; log: Logger }) => {
  const { search, embedder, log } = parts;

  const embed = async (text: string, signal: AbortSignal): Promise<QueryVector | undefined> => {
    try {
      const [vector] = await embedder.embed([text], {
        signal: AbortSignal.any([signal, AbortSignal.timeout(EMBED_MS)]),
      });
      return vector && { vector, embedder: embedder.id, kind: embedder.kind };
    } catch (error) {
      log.warn({ err: error }, 'the question could not be embedded; only its words are searched');
      return undefined;
    }
  };

  return async (
    tenant: Tenant,
    request: z.output<typeof SearchRequest>,
    signal: AbortSignal,
  ): Promise<{ data: z.input<typeof SearchHit>[] }> => {
    const query = await embed(request.query, signal);
    return { data: await search.read(tenant, (service) => service.search(request, query)) };
  };
};
export type Search = ReturnType<typeof createSearch>;
