/** The vectors of one version, in one piece of memory. */
export interface VersionVectors {
  /** Id of the chunk at each place. */
  ids: string[];
  /** One vector after the other. */
  values: Float32Array;
}

const ID_BYTES = 80;
const bytesOf = ({ ids, values }: VersionVectors) => values.byteLength + ids.length * ID_BYTES;

/**
 * Keeps the vectors that were used last, up to a number of bytes. A version never changes once it is ready, so
 * nothing in here can be out of date; which versions may be looked at is asked of the database each time.
 */
export const createVectorCache = (maxBytes: number) => {
  const entries = new Map<string, VersionVectors>();
  let bytes = 0;
  return {
    get(key: string): VersionVectors | undefined {
      const found = entries.get(key);
      if (found === undefined) return undefined;
      entries.delete(key);
      entries.set(key, found);
      return found;
    },
    set(key: string, vectors: VersionVectors): void {
      const before = entries.get(key);
      if (before !== undefined) bytes -= bytesOf(before);
      entries.delete(key);
      entries.set(key, vectors);
      bytes += bytesOf(vectors);
      for (const [oldest, old] of entries) {
        if (bytes <= maxBytes) break;
        entries.delete(oldest);
        bytes -= bytesOf(old);
      }
    },
  };
};
export type VectorCache = ReturnType<typeof createVectorCache>;

/** A chunk and how alike it is: the cosine, since all vectors have length 1. */
export interface Similar {
  id: string;
  similarity: number;
}

/** Compares a vector with each of a version's; those below `atLeast` are left out. */
export const compare = ({ ids, values }: VersionVectors, vector: Float32Array, atLeast: number): Similar[] => {
  const found: Similar[] = [];
  for (const [row, id] of ids.entries()) {
    const start = row * vector.length;
    let similarity = 0;
    for (let place = 0; place < vector.length; place += 1)
      similarity += (values[start + place] ?? 0) * (vector[place] ?? 0);
    if (similarity >= atLeast) found.push({ id, similarity });
  }
  return found;
};
