import { fold, stem, topicWords } from './terms.ts';

/** One hit of a document search, as the `search_documents` tool answers it. */
export interface Passage {
  title: string;
  page: number | null;
  text: string;
}

/** A sentence that answers, and the number (from 1) of the passage it is from. */
export interface Citation {
  sentence: string;
  mark: number;
}

interface Candidate extends Citation {
  place: number;
  score: number;
  terms: Set<string>;
}

const MAX_SENTENCES = 3;
/** The share of the question's weight a sentence must meet, and of the best sentence's. */
const LEAST = 0.3;
const LEAST_OF_BEST = 0.6;
/** What a word in the title or heading of the passage counts, next to one in the sentence. */
const TITLE_WORTH = 0.3;
const MAX_LENGTH = 400;

/**
 * Picks the sentences that share most with the question, at most three, in the order of the search. Rare words weigh
 * more than those every passage has. Nothing is made up: what comes back is copied from the passages.
 */
export const pickSentences = (question: string, passages: readonly Passage[]): Citation[] => {
  const asked = [...new Set(topicWords(question).map(stem))];
  if (asked.length === 0) return [];
  const candidates = passages.flatMap((passage, index) =>
    sentencesOf(passage.text).map((sentence, place) => ({
      sentence,
      place,
      mark: index + 1,
      terms: termsOf(sentence),
    })),
  );
  const weights = new Map(asked.map((term) => [term, rarity(term, candidates)]));
  const total = sum([...weights.values()]);
  const scored = candidates
    .map((candidate): Candidate => {
      const title = termsOf(passages[candidate.mark - 1]!.title);
      const score = sum(
        asked.map((term) => weights.get(term)! * (candidate.terms.has(term) ? 1 : title.has(term) ? TITLE_WORTH : 0)),
      );
      return { ...candidate, score: asked.some((term) => candidate.terms.has(term)) ? score / total : 0 };
    })
    // The sort is stable, so equal ones stay in the order of the search.
    .toSorted((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  const chosen: Candidate[] = [];
  for (const candidate of scored) {
    if (chosen.length === MAX_SENTENCES || candidate.score < Math.max(LEAST, best * LEAST_OF_BEST)) break;
    if (!chosen.some((other) => fold(other.sentence) === fold(candidate.sentence))) chosen.push(candidate);
  }
  return chosen
    .toSorted((a, b) => a.mark - b.mark || a.place - b.place)
    .map(({ sentence, mark }) => ({ sentence, mark }));
};

/** Splits a passage into sentences; a line of a list or a table is one too. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(/\n{2,}|\n(?=\s*(?:[-*•|]|\d+[.)]\s))/)
    .flatMap((block) =>
      block
        .replace(/\s+/g, ' ')
        .split(
          /(?<=[.!?…]["”')\]]?)\s+(?=[\p{Lu}\p{N}"“¿¡(])(?<!\b(?:Sr|Sra|Dr|Dra|Art|art|Inc|Ltd|Mr|Mrs|Ms|St|No|n|p|pp|vs)\.\s)/u,
        ),
    )
    .map((sentence) => shorten(sentence.trim()))
    .filter((sentence) => /\p{L}.*\p{L}/u.test(sentence));

const shorten = (sentence: string): string => {
  if (sentence.length <= MAX_LENGTH) return sentence;
  const end = sentence.lastIndexOf(' ', MAX_LENGTH);
  return `${sentence.slice(0, end > 0 ? end : MAX_LENGTH)}…`;
};

const termsOf = (text: string): Set<string> => new Set(topicWords(text).map(stem));

const rarity = (term: string, candidates: readonly { terms: Set<string> }[]): number => {
  const having = candidates.filter(({ terms }) => terms.has(term)).length;
  return Math.log(1 + (candidates.length + 1) / (having + 1));
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
