/** Lower case without accents, so `Reunião` and `reuniao` are one word. */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** `fold`, but every position of the answer is the same position of the (composed) text. */
export const foldInPlace = (text: string): string =>
  text
    .replace(/[^\p{ASCII}]/gu, (letter) => {
      const folded = fold(letter);
      return folded.length === letter.length ? folded : letter;
    })
    .toLowerCase();

/** Words and numbers, folded. */
export const foldedWords = (text: string): string[] => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];

// Words that carry no topic in Portuguese, Spanish or English, with those people use to ask and to be polite.
const EMPTY_WORDS = new Set(
  (
    'a o as os um uma uns umas de do da dos das em no na nos nas ao aos por pelo pela pelos pelas para pra com sem sobre e ou ' +
    'mas que qual quais quem quando onde como quanto quanta quantos quantas porque se ja nao sim me te lhe nos eu tu ele ela ' +
    'voce voces meu minha meus minhas seu sua seus suas isso isto este esta esse essa esses essas ser e sao foi era ha tem ter ' +
    'estar esta estao pode poderia devo deve favor ola oi bom boa dia tarde noite obrigado obrigada diz dizem fala falam existe ' +
    'el la lo los las un una unos unas del al en y con sin mas pero cual cuales quien cuando donde cuanto cuanta cuantos ' +
    'cuantas porque si mi mis tu tus su sus yo tu el ella usted ustedes eso esto ese esa es son fue hay tiene tener puede puedes ' +
    'hola gracias dice dicen ' +
    'the an and or but of in on at to for from with without about by is are was were be been do does did has have had can could ' +
    'would should will what which who whom when where how why much many i you he she it we they my your his her its our their ' +
    'me this that these those there please hi hello thanks tell say says there any some not no yes if as'
  ).split(' '),
);
// Words that ask for a search instead of naming its topic.
const ASKING_WORDS = new Set(
  (
    'procure procura procurar busque busca buscar pesquise pesquisa pesquisar encontre encontra encontrar ache achar ' +
    'documento documentos arquivo arquivos archivo archivos encuentra encuentre ' +
    'search find look lookup show document documents file files'
  ).split(' '),
);

/** The words of a question that say what it is about, as written, in order, each once. */
export const topicWords = (text: string): string[] => {
  const seen = new Set<string>();
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => {
    const folded = fold(word);
    if (seen.has(folded) || EMPTY_WORDS.has(folded) || ASKING_WORDS.has(folded)) return false;
    seen.add(folded);
    return true;
  });
};

/** A crude stem, good enough to meet plurals and inflections of the same word in the three languages. */
export const stem = (word: string): string => {
  const folded = fold(word);
  const singular = folded.length > 3 ? folded.replace(/(?:oes|aes|es|s)$/, '') : folded;
  return singular.length > 4 ? singular.replace(/[aeo]$/, '').slice(0, 6) : singular;
};
