import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeSnippet } from './snippet.ts';

const filler = (words: number) => Array.from({ length: words }, (_, at) => `palavra${at}`).join(' ');
const marked = (text: string, query: string, length?: number) => {
  const snippet = makeSnippet(text, query, length);
  return snippet.highlights.map(({ start, end }) => snippet.text.slice(start, end));
};

describe('a snippet', () => {
  it('shows the place where most query words stand together', () => {
    const text = `${filler(40)} multa ${filler(60)} a multa por atraso no contrato é de 2 % ${filler(60)}`;
    const { text: quoted } = makeSnippet(text, 'multa contrato atraso');
    expect(quoted).toContain('a multa por atraso no contrato é de 2 %');
    expect(quoted).toMatch(/^… .* …$/);
    expect(marked(text, 'multa contrato atraso')).toEqual(['multa', 'atraso', 'contrato']);
  });

  it('finds words without accents, in other case and with other endings', () => {
    expect(marked('As Reuniões foram canceladas.', 'reuniao cancelada')).toEqual(['Reuniões', 'canceladas']);
    expect(marked('A rua e o rumo.', 'rum')).toEqual([]);
  });

  it('is the whole text when that is short, and its beginning when nothing matches', () => {
    expect(makeSnippet('Texto curto.', 'outro')).toEqual({ text: 'Texto curto.', highlights: [] });
    expect(makeSnippet(filler(100), 'nada').text).toMatch(/^palavra0 palavra1 .* …$/);
  });

  it('ignores small words unless there are only small words', () => {
    expect(marked('o prazo de um ano', 'o prazo de')).toEqual(['prazo']);
    expect(marked('o TI da casa', 'TI')).toEqual(['TI']);
  });

  it('puts the marks right and keeps the length, for any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('multa', 'prazo', 'é', ' ', '\n', 'x'.repeat(50), '👍', 'ação')),
        (parts) => {
          const text = parts.join(' ');
          const snippet = makeSnippet(text, 'multa ação', 80);
          return (
            snippet.text.length <= 84 &&
            snippet.highlights.every(({ start, end }) => ['multa', 'ação'].includes(snippet.text.slice(start, end)))
          );
        },
      ),
    );
  });
});
