/** A short quote of a text. Offsets are UTF-16 units of `text`, the end exclusive. */
export interface Snippet {
  text: string;
  highlights: { start: number; end: number }[];
}

const WORD = /[\p{L}\p{N}]+/gu;
/** Shorter terms match whole words only; longer ones also other endings of the same stem. */
const STEM_CHARACTERS = 5;

const fold = (word: string) =>
  word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/(?:oes|aes)$/, 'ao');

const matches = (word: string, term: string) => {
  if (word === term) return true;
  const stem = term.slice(0, Math.max(STEM_CHARACTERS, term.length - 3));
  return term.length >= STEM_CHARACTERS && word.startsWith(stem) && Math.abs(word.length - term.length) <= 4;
};

interface Hit {
  start: number;
  end: number;
  term: number;
}

const findHits = (text: string, query: string): Hit[] => {
  const terms = [...new Set((query.match(WORD) ?? []).map(fold))];
  const telling = terms.filter((term) => term.length > 2);
  const wanted = telling.length > 0 ? telling : terms;
  return [...text.matchAll(WORD)].flatMap(({ 0: word, index }) => {
    const folded = fold(word);
    const term = wanted.findIndex((candidate) => matches(folded, candidate));
    return term < 0 ? [] : [{ start: index, end: index + word.length, term }];
  });
};

/** The hits of the window that holds most different terms, then most hits, then comes first. */
const bestWindow = (hits: Hit[], length: number): Hit[] => {
  let best: Hit[] = [];
  let bestScore = 0;
  let to = 0;
  for (const [from, first] of hits.entries()) {
    to = Math.max(to, from + 1);
    while ((hits[to]?.end ?? Number.POSITIVE_INFINITY) - first.start <= length) to += 1;
    const inside = hits.slice(from, to);
    const score = new Set(inside.map(({ term }) => term)).size * 1_000 + Math.min(inside.length, 999);
    if (score > bestScore) [best, bestScore] = [inside, score];
  }
  return best;
};

/** Moves a cut to the nearest word edge inwards, so that no word is halved. */
const edge = (text: string, at: number, step: 1 | -1, stop: number) => {
  let place = at;
  while (place !== stop && /\S/.test(text.charAt(place)) && /\S/.test(text.charAt(place - 1))) place += step;
  return place;
};

/**
 * Quotes the part of `text` that shows most of the query's words, about `length` characters, with an ellipsis where
 * it was cut. Accents, case and common endings do not matter. Without a match it is the beginning of the text.
 */
export const makeSnippet = (text: string, query: string, length = 240): Snippet => {
  const hits = findHits(text, query);
  const window = bestWindow(hits, length);
  const first = window[0]?.start ?? 0;
  const last = window.at(-1)?.end ?? 0;
  const lead = window.length === 0 ? 0 : Math.floor((length - (last - first)) / 2);
  const roughStart = Math.max(0, Math.min(first - lead, text.length - length));
  const roughEnd = Math.min(text.length, roughStart + length);
  const start = roughStart === 0 ? 0 : edge(text, roughStart, 1, Math.max(first, roughStart));
  const end = roughEnd === text.length ? roughEnd : edge(text, roughEnd, -1, Math.max(last, start + 1));

  const before = start > 0 ? '… ' : '';
  const quoted = text.slice(start, end);
  const body = quoted.trim();
  const shift = before.length - start - (quoted.length - quoted.trimStart().length);
  return {
    text: before + body.replace(/\s/g, ' ') + (end < text.length ? ' …' : ''),
    highlights: hits
      .filter((hit) => hit.start >= start && hit.end <= end)
      .map((hit) => ({ start: hit.start + shift, end: hit.end + shift })),
  };
};
