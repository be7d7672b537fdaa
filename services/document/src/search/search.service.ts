import type { SearchHit, SearchRequest } from '@atrium/contracts';
import type { z } from 'zod';
import type { ChunkStore } from './chunk.store.ts';
import { fuseRanks } from './fusion.ts';
import { makeSnippet } from './snippet.ts';
import type { VectorIndex } from './vector.index.ts';

/** The question as the embedder sees it. */
export interface QueryVector {
  vector: Float32Array;
  embedder: string;
  kind: 'semantic' | 'lexical';
}

/** How many of each list are fused. */
const CANDIDATES = 50;
/**
 * Below this two texts are taken to have nothing to do with each other. With the built-in embedder unrelated questions
 * came to 0.19 at most and to 0 as a rule, related ones to 0.3 and more on short passages; for models it is a guess.
 */
const AT_LEAST = { lexical: 0.15, semantic: 0.2 };
/** Likeness of spelling says less than the same words; likeness of meaning says as much. */
const VECTOR_WEIGHT = { lexical: 0.6, semantic: 1 };

/** Search by words and by likeness, fused by rank. */
export const createSearchService = ({ chunks, vectors }: { chunks: ChunkStore; vectors: VectorIndex }) => ({
  /** @param query absent when no vector could be made; the words alone are searched then */
  async search(
    { query: text, limit, documentId }: z.output<typeof SearchRequest>,
    query: QueryVector | undefined,
  ): Promise<z.input<typeof SearchHit>[]> {
    const lists = [await chunks.match(text, CANDIDATES, documentId)];
    if (query !== undefined) {
      const { vector, embedder, kind } = query;
      lists.push(await vectors.nearest({ vector, embedder, atLeast: AT_LEAST[kind], take: CANDIDATES, documentId }));
    }
    const best = fuseRanks(lists, { weights: [1, VECTOR_WEIGHT[query?.kind ?? 'semantic']] }).slice(0, limit);
    const found = new Map((await chunks.read(best.map(({ id }) => id))).map((chunk) => [chunk.id, chunk]));
    return best.flatMap(({ id, score }) => {
      const chunk = found.get(id);
      return chunk === undefined ? [] : [{ ...chunk, score, snippet: makeSnippet(chunk.text, text).text }];
    });
  },
});
export type SearchService = ReturnType<typeof createSearchService>;
