// Portuguese, Spanish and English abbreviations that a capital or a number commonly follows.
const ABBREVIATION =
  /(?:^|[\s(])(?:[A-ZÀ-Ý]|srs?|sras?|srtas?|drs?|dras?|profs?|profas?|eng|av|art|arts|inc|núm|nº|n|no|p|pp|pág|págs|cap|fig|ex|etc|vol|ltda|cia|mr|mrs|ms|st|vs|approx|ud|uds|tel)\.$/iu;

// The look-behind lets a row of dots be tried once, not once for each of its dots.
const END = /(?<![.!?…])[.!?…]+["'”’»)\]]*(?=\s)/gu;

/** A stretch of text and the white space that stood before it: nothing, a space or a line end. */
export interface Sentence {
  text: string;
  separator: '' | ' ' | '\n';
}

const splitLine = function* (line: string): Generator<string> {
  let from = 0;
  for (const match of line.matchAll(END)) {
    const end = match.index + match[0].length;
    if (
      ABBREVIATION.test(line.slice(Math.max(from, end - 12), end)) ||
      !/^\s+["'“‘«(¿¡[]*[\p{Lu}\p{N}¿¡—–-]/u.test(line.slice(end, end + 8))
    )
      continue;
    yield line.slice(from, end).trim();
    from = end;
  }
  yield line.slice(from).trim();
};

/**
 * Splits a paragraph at sentence ends and line ends, in order. White space is evened out; nothing else is lost. A full
 * stop ends a sentence only where a capital, number or opening mark follows, and not after an abbreviation.
 */
export const splitSentences = function* (text: string): Generator<Sentence> {
  let separator: Sentence['separator'] = '';
  for (const line of text.split('\n')) {
    for (const sentence of splitLine(line)) {
      if (sentence === '') continue;
      yield { text: sentence, separator };
      separator = ' ';
    }
    if (separator !== '') separator = '\n';
  }
};

/** Cuts a text into pieces of at most `maxCharacters`, at white space where there is some, never inside a character. */
export const cutText = function* (text: string, maxCharacters: number): Generator<string> {
  let from = 0;
  while (text.length - from > maxCharacters) {
    const window = text.slice(from, from + maxCharacters + 1);
    const space = window.search(/\s\S*$/u);
    let end = space > 0 ? from + space : from + maxCharacters;
    if (space <= 0 && /[\uDC00-\uDFFF]/.test(text.charAt(end)) && end - 1 > from) end -= 1;
    const piece = text.slice(from, end).trim();
    if (piece !== '') yield piece;
    from = end;
  }
  const rest = text.slice(from).trim();
  if (rest !== '') yield rest;
};
