import { foldedWords } from '../builtin/terms.ts';
import { normalise } from './embedder.ts';
import type { Embedder } from './embedder.ts';

const DIMENSIONS = 512;
const GRAM_SIZES = [3, 4, 5];
/** A whole word says more than its pieces. */
const WORD_WEIGHT = 2;

/**
 * An embedder without a model: words and their 3 to 5 letter pieces are hashed into a vector, accents folded. It finds
 * the same words, their inflections, misspellings and cognates; it does not know meaning, and its `kind` says so.
 */
export const createLexicalEmbedder = (): Embedder => ({
  id: `builtin-lexical-v1:${DIMENSIONS}`,
  dimensions: DIMENSIONS,
  kind: 'lexical',
  embed: (texts) => Promise.resolve(texts.map(lexicalVector)),
});

/** The vector of one text; the same on every machine. */
export const lexicalVector = (text: string): Float32Array => {
  const counts = new Map<string, number>();
  const count = (feature: string, weight: number) => counts.set(feature, (counts.get(feature) ?? 0) + weight);
  for (const word of foldedWords(text)) {
    count(word, WORD_WEIGHT);
    // The marks tell a beginning and an end from a middle.
    const marked = `^${word}$`;
    for (const size of GRAM_SIZES) {
      for (let start = 0; start + size <= marked.length; start += 1) count(marked.slice(start, start + size), 1);
    }
  }
  const vector = new Float32Array(DIMENSIONS);
  for (const [feature, weight] of counts) {
    const hash = fnv1a(feature);
    // The sign is a bit the place does not use, so collisions cancel out on average. A word said ten times is not ten times the topic.
    const sign = hash & 0x8000_0000 ? -1 : 1;
    const place = hash % DIMENSIONS;
    vector[place] = vector[place]! + sign * Math.sqrt(weight);
  }
  return normalise(vector);
};

/** FNV-1a, 32 bits, over UTF-16 units (draft-eastlake-fnv), with a final mix because its low bits are weak. */
const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
};
