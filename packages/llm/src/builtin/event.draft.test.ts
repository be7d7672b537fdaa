import { describe, expect, it } from '@jest/globals';
import { draftEvent } from './event.draft.ts';
import type { Language } from './language.ts';

const clock = { now: new Date('2026-11-21T12:00:00Z'), timeZone: 'America/Sao_Paulo' };

describe('the event in an order', () => {
  it.each<[Language, string, string]>([
    ['pt', 'marca reunião com Ana amanhã às 15h', 'Reunião com Ana'],
    ['pt', 'Por favor, agende uma reunião de 45 minutos com Bruno na sexta às 10h', 'Reunião com Bruno'],
    ['pt', 'marque amanhã às 15h', 'Reunião'],
    ['pt', 'marque um evento chamado Revisão do contrato amanhã às 15h', 'Revisão do contrato'],
    ['pt', 'Marque almoço de aniversário da Júlia dia 25 de novembro ao meio-dia', 'Almoço de aniversário da Júlia'],
    ['es', 'agenda una reunión con Ana mañana a las 3 de la tarde', 'Reunión con Ana'],
    ['es', 'crea un evento "Cierre de mes" el viernes a las 10', 'Cierre de mes'],
    ['en', 'schedule a meeting with Bob tomorrow at 15:00', 'Meeting with Bob'],
    ['en', 'Can you book a 30-minute call with Bob on Dec 3rd at 4pm?', 'Call with Bob'],
    ['en', 'create an event called Quarter close on friday at 10am', 'Quarter close'],
  ])('%s: %s', (language, order, title) => {
    expect(draftEvent(order, language, clock)?.title).toBe(title);
  });

  it('takes guests and a place', () => {
    const order = 'Marque reunião de projeto com ana@exemplo.com e bob@exemplo.com amanhã às 15h na sala 3';
    expect(draftEvent(order, 'pt', clock)).toEqual({
      title: 'Reunião de projeto',
      startsAt: '2026-11-22T15:00:00-03:00',
      endsAt: '2026-11-22T15:30:00-03:00',
      timeZone: 'America/Sao_Paulo',
      attendees: ['ana@exemplo.com', 'bob@exemplo.com'],
      location: 'sala 3',
    });
  });

  it('is nothing without a time of day', () => {
    expect(draftEvent('marque reunião com Ana na sexta', 'pt', clock)).toBeUndefined();
  });
});
