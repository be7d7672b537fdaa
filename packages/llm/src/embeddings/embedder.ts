/** Turns texts into vectors that are near each other when the texts are alike. */
export interface Embedder {
  /** Names the method and its version; vectors of different ids must not be compared. */
  id: string;
  dimensions: number;
  /** `lexical` sees the same or similar words, `semantic` also the same meaning in other words. */
  kind: 'semantic' | 'lexical';
  /** One vector for each text, in order, of length 1. */
  embed(texts: readonly string[], options?: { signal?: AbortSignal }): Promise<Float32Array[]>;
}

/** Scales to length 1, in place. A vector of zeros stays as it is. */
export const normalise = (vector: Float32Array): Float32Array => {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (length > 0) for (let place = 0; place < vector.length; place += 1) vector[place] = vector[place]! / length;
  return vector;
};
