import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pickSentences, sentencesOf } from './answer.ts';

const contract = {
  title: 'Contrato Alfa',
  page: 3,
  text: 'As partes celebram este contrato. O prazo de entrega é de trinta dias corridos. Em caso de atraso, a multa é de 2% ao mês.',
};
const policy = {
  title: 'Delivery policy',
  page: null,
  text: 'Orders are shipped on weekdays. The delivery deadline is thirty days. Refunds take ten days.',
};
const lease = {
  title: 'Contrato de alquiler',
  page: 1,
  text: 'El arrendador entrega la vivienda. La fianza será de dos mensualidades. El plazo es de un año.',
};

describe('sentences that answer a question', () => {
  it.each([
    ['Qual é o prazo de entrega?', 'O prazo de entrega é de trinta dias corridos.', 1],
    ['qual a multa por atraso', 'Em caso de atraso, a multa é de 2% ao mês.', 1],
    ['What is the delivery deadline?', 'The delivery deadline is thirty days.', 2],
    ['¿De cuánto es la fianza?', 'La fianza será de dos mensualidades.', 3],
  ])('%s', (question, sentence, mark) => {
    expect(pickSentences(question, [contract, policy, lease])[0]).toEqual({ sentence, mark });
  });

  it('finds nothing where nothing fits', () => {
    expect(pickSentences('Quem descobriu o Brasil?', [contract, policy, lease])).toEqual([]);
    expect(pickSentences('e o que é isso?', [contract])).toEqual([]);
    expect(pickSentences('prazo', [])).toEqual([]);
  });

  it('says the same thing once', () => {
    expect(pickSentences('prazo de entrega', [contract, contract])).toHaveLength(1);
  });

  it('copies and never invents, and marks a passage that exists', () => {
    const text = fc.lorem({ mode: 'sentences', maxCount: 6 });
    const passages = fc.array(fc.record({ title: fc.lorem(), page: fc.constant(1), text }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.lorem(), passages, (question, found) => {
        const picked = pickSentences(question, found);
        expect(picked.length).toBeLessThanOrEqual(3);
        for (const { sentence, mark } of picked) expect(found[mark - 1]?.text).toContain(sentence);
      }),
    );
  });

  it('splits lists and keeps abbreviations and numbers whole', () => {
    expect(sentencesOf('O Sr. Silva pagou R$ 3.500,00. Venceu ontem.\n- primeiro item\n- segundo item')).toEqual([
      'O Sr. Silva pagou R$ 3.500,00.',
      'Venceu ontem.',
      '- primeiro item',
      '- segundo item',
    ]);
  });
});
