import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLexicalEmbedder, lexicalVector } from './lexical.embedder.ts';

const likeness = (a: string, b: string): number => {
  const [left, right] = [lexicalVector(a), lexicalVector(b)];
  return left.reduce((sum, value, place) => sum + value * right[place]!, 0);
};

describe('lexical vectors', () => {
  it('says what it is', () => {
    expect(createLexicalEmbedder()).toMatchObject({ id: 'builtin-lexical-v1:512', kind: 'lexical', dimensions: 512 });
  });

  it('has length one and depends on the text alone', () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 30 }), (text) => {
        const vector = lexicalVector(text);
        expect(vector).toHaveLength(512);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
        expect(lexicalVector(text)).toEqual(vector);
      }),
    );
  });

  it('stays the same from version to version', () => {
    const vector = lexicalVector('prazo de entrega');
    const largest = vector.indexOf(Math.max(...vector));
    expect([largest, vector[largest]?.toFixed(4)]).toMatchInlineSnapshot(`
     [
       64,
       "0.2170",
     ]
    `);
  });

  it('folds case and accents', () => {
    expect(likeness('Reunião às Três', 'reuniao as tres')).toBeCloseTo(1, 5);
  });

  it.each([
    ['prazo de entrega do contrato', 'o contrato e seus prazos de entregas', 'receita de bolo de chocolate'],
    ['pagamento atrasado', 'pagamentos em atraso', 'viagem para a praia'],
    ['delivery deadline', 'deadlines for deliveries', 'the cat sat on the mat'],
    ['plazo de la entrega', 'prazo da entrega', 'reunión con el equipo'],
  ])('%s is nearer to %s than to %s', (text, near, far) => {
    expect(likeness(text, near)).toBeGreaterThan(likeness(text, far) + 0.15);
  });

  it('makes zeros of a text without words', async () => {
    const [vector] = await createLexicalEmbedder().embed(['  !? ']);
    expect(vector?.every((value) => value === 0)).toBe(true);
  });
});
