/** Names of Postgres text search configurations (PostgreSQL manual, 12.1.3); `simple` does not stem. */
export type TextSearchConfig = 'portuguese' | 'spanish' | 'english' | 'simple';

const words = (list: string) => new Set(list.split(' '));

// Frequent words that set each language apart: the ones Portuguese and Spanish share say nothing.
const MARKERS: Record<Exclude<TextSearchConfig, 'simple'>, Set<string>> = {
  portuguese: words(
    'não você vocês uma um umas uns do dos da das no na nos nas ao aos à às pelo pela pelos pelas em com foi são está ' +
      'isso isto este esta também já mais mas ou seu sua seus suas ele ela eles elas nós muito até quando quem onde ' +
      'reunião contrato prazo deve será tem há só pode qual quais então depois ainda mesmo obrigado olá bom dia',
  ),
  spanish: words(
    'el los las un una unos unas del al y en con fue son está esto esta este también ya más pero su sus él ella ellos ' +
      'nosotros muy hasta cuando quien donde reunión contrato plazo debe será tiene hay sólo puede cuál cuáles entonces ' +
      'después aún mismo gracias hola usted ustedes lo le les se es por',
  ),
  english: words(
    'the and of to is are was were be been that this these those with for from it its not you your we our they their ' +
      'he she his her has have had will would can could should shall may must on at by or but which who what when where ' +
      'an as if in there been also any all such more than into please thanks hello',
  ),
};

const SAMPLE_CHARACTERS = 20_000;
/** How far the first language must lead the second: close relatives share words. */
const LEAD = 1.15;

/**
 * Picks the text search configuration of a text by its frequent words. `simple` when too few of them are Portuguese,
 * Spanish or English.
 */
export const detectLanguage = (text: string): TextSearchConfig => {
  const found =
    text
      .slice(0, SAMPLE_CHARACTERS)
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  if (found.length === 0) return 'simple';
  const scores = (Object.entries(MARKERS) as [Exclude<TextSearchConfig, 'simple'>, Set<string>][])
    .map(([language, markers]) => ({
      language,
      score: found.filter((word) => markers.has(word)).length + letters(language, text),
    }))
    .sort((a, b) => b.score - a.score);
  const [first, second] = scores;
  if (!first || !second || first.score === 0 || first.score / found.length < 0.08) return 'simple';
  return first.score >= second.score * LEAD ? first.language : 'simple';
};

/** Letters only one of the languages writes, each as good as a word. */
const letters = (language: TextSearchConfig, text: string): number => {
  const sample = text.slice(0, SAMPLE_CHARACTERS);
  if (language === 'portuguese') return sample.match(/[ãõç]/giu)?.length ?? 0;
  if (language === 'spanish') return sample.match(/[ñ¿¡]/giu)?.length ?? 0;
  return 0;
};
