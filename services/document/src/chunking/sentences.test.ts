import { describe, expect, it } from '@jest/globals';
import { cutText, splitSentences } from './sentences.ts';

const sentences = (text: string) => [...splitSentences(text)].map((sentence) => sentence.text);

describe('sentences', () => {
  it.each([
    ['O prazo acabou. A multa é devida.', ['O prazo acabou.', 'A multa é devida.']],
    ['O Dr. Souza e a Sra. Lima assinaram. Depois saíram.', ['O Dr. Souza e a Sra. Lima assinaram.', 'Depois saíram.']],
    ['Conforme o art. 5 da lei. Fim.', ['Conforme o art. 5 da lei.', 'Fim.']],
    ['São R$ 1.500,00 por mês. Certo?', ['São R$ 1.500,00 por mês.', 'Certo?']],
    ['Disse “chega!” e saiu. “Volto já.” Não voltou.', ['Disse “chega!” e saiu.', '“Volto já.”', 'Não voltou.']],
    ['¿Cuándo llega? ¡Mañana!', ['¿Cuándo llega?', '¡Mañana!']],
    ['- um\n- dois', ['- um', '- dois']],
    ['sem ponto', ['sem ponto']],
    ['  \n ', []],
  ])('of %j', (text, expected) => {
    expect(sentences(text)).toEqual(expected);
  });

  it('keep line ends apart from spaces', () => {
    expect([...splitSentences('Um. Dois.\n\nTrês.')].map(({ separator }) => separator)).toEqual(['', ' ', '\n']);
  });
});

describe('a text that is too long', () => {
  it('is cut at white space', () => {
    expect([...cutText('alfa beta gama', 9)]).toEqual(['alfa beta', 'gama']);
  });
  it('is cut inside a word only when there is nothing else, and never inside a character', () => {
    expect([...cutText('abcdefgh', 3)]).toEqual(['abc', 'def', 'gh']);
    expect([...cutText('👍👍👍', 3)]).toEqual(['👍', '👍', '👍']);
  });
});

describe('a text made to be slow', () => {
  it.each([
    ['dots', '.'],
    ['dots and quotes', '."""'],
    ['lines', 'a\n'],
    ['spaces', 'a   '],
  ])('of %s takes time in proportion to its length', (_, part) => {
    const begun = performance.now();
    expect(sentences(part.repeat(300_000)).length).toBeGreaterThan(0);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
});
