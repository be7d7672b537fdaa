import type { Language } from './language.ts';
import { phrasesOf } from './phrases.ts';
import type { Wall } from './zone.ts';

/** A text whose words for dates and times are English, and where each of its characters came from. */
export interface Translation {
  text: string;
  /** Start in the source of the character at each place, and one more for the end. */
  from: number[];
}

/** Rewrites dates and times of a folded text phrase by phrase; everything else stays. */
export const translateTimes = (folded: string, language: Language, today: Wall): Translation => {
  const phrases = phrasesOf(language);
  let text = '';
  const from: number[] = [];
  const push = (piece: string, start: number) => {
    text += piece;
    for (let place = 0; place < piece.length; place += 1) from.push(start);
  };
  for (let at = 0; at < folded.length;) {
    const found = /[a-z0-9\-/:]/.test(folded[at - 1] ?? ' ') ? undefined : phraseAt(folded, at, phrases, today);
    if (found) {
      push(`${found.english} `, at);
      at += found.length;
      // The blank after the English words stands for the next character's place, so a span ends where the phrase did.
      from[from.length - 1] = at;
    } else {
      push(folded[at]!, at);
      at += 1;
    }
  }
  from.push(folded.length);
  return { text, from };
};

const phraseAt = (folded: string, at: number, phrases: ReturnType<typeof phrasesOf>, today: Wall) => {
  for (const { pattern, english } of phrases) {
    pattern.lastIndex = at;
    const match = pattern.exec(folded);
    const words = match && english(match, today);
    if (words) return { english: words, length: match[0].length };
  }
  return undefined;
};
