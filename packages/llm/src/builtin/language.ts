import { foldedWords } from './terms.ts';

export type Language = 'pt' | 'es' | 'en';

const words = (list: string) => new Set(list.split(' '));

// Folded. Words that Portuguese and Spanish share are left out: they say nothing.
const MARKERS: Record<Language, Set<string>> = {
  pt: words(
    'nao voce voces um uma umas uns do dos da das no na nos nas ao aos pelo pela com sem sao isso isto esse essa tambem ja mas ou seu ' +
      'sua ele ela eles elas nos muito ate quem onde amanha hoje ontem manha as reuniao marque marca compromisso compromissos ' +
      'tenho tem quanto quanta qual quais saldo ola oi bom boa obrigado obrigada ajuda fazer pode faca segunda terca quarta quinta ' +
      'sexta feira crie cria agende horas proxima proximo depois daqui minha meu minhas meus procure diz dizem ' +
      'pesquise encontre eu o os em noite e',
  ),
  es: words(
    'el los las un unos unas del al y con sin son eso esto ese esa tambien ya pero o su sus ella ellos nosotros muy hasta quien ' +
      'donde manana hoy ayer reunion cita citas tengo tiene cuanto cuanta cual cuales hola buenos buenas gracias ayuda hacer puedes ' +
      'lunes martes miercoles jueves viernes haz programa crea horas proxima proximo pasado mi mis dice dicen busca ' +
      'encuentra lo le les es por yo en noche usted ustedes dia dias agendame',
  ),
  en: words(
    'the and of to is are was were be this that these those with for from it its not you your we our they their he she ' +
      'has have had will would can could should on at by or but which who what when where how an as if in there any all more my me i ' +
      'please thanks hello hi hey tomorrow today yesterday meeting schedule book next week monday tuesday wednesday thursday ' +
      'friday saturday sunday much balance credits help do does did find search show am pm about set up call event',
  ),
};

// Letters and marks only one of the languages writes; each is worth more than a word.
const LETTERS: Record<Language, RegExp> = { pt: /[ãõçâêôà]/giu, es: /[ñ¿¡]|ión\b/giu, en: /'(?:s|re|ve|ll|m|t)\b/giu };
const LETTER_WORTH = 2;

/** The language of a few words, or undefined when they do not tell. */
export const detectLanguage = (text: string): Language | undefined => {
  const found = foldedWords(text);
  const score = (language: Language): number =>
    found.filter((word) => MARKERS[language].has(word)).length +
    LETTER_WORTH * (text.normalize('NFC').match(LETTERS[language])?.length ?? 0);
  const ranked = (['pt', 'es', 'en'] as const)
    .map((language) => ({ language, score: score(language) }))
    .sort((a, b) => b.score - a.score);
  const [first, second] = ranked;
  return first && second && first.score > second.score ? first.language : undefined;
};

/** The language of the newest text that tells; English when none does. */
export const languageOf = (texts: readonly string[]): Language => {
  for (const text of texts.toReversed()) {
    const language = detectLanguage(text);
    if (language) return language;
  }
  return 'en';
};
