/** What a search by meaning is asked. */
interface NearestQuery {
  vector: Float32Array;
  /** Only vectors of this embedder are compared; others mean something else. */
  embedder: string;
  /** Cosine similarity below which a chunk has nothing to do with the query. */
  atLeast: number;
  take: number;
  documentId?: string | undefined;
}

/**
 * Finds the chunks of a workspace that are nearest to a vector, among the current versions of its documents.
 * Implementations: pgvector's index, and an exact comparison in this process where the server has no pgvector.
 */
export interface VectorIndex {
  /** Ids of chunks, nearest first. */
  nearest(query: NearestQuery): Promise<string[]>;
}

/** Six decimals are more than a vector of length 1 needs, and far fewer bytes than all of them. */
export const encodeNumbers = (vector: Float32Array): string =>
  Array.from(vector, (value) => Math.round(value * 1e6) / 1e6).join(',');
