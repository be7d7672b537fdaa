import { describe, expect, it } from '@jest/globals';
import { findWhen } from './when.ts';
import type { Language } from './language.ts';

// Saturday, nine in the morning in São Paulo.
const clock = { now: new Date('2026-11-21T12:00:00Z'), timeZone: 'America/Sao_Paulo' };
const minutes = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 60_000;
const read = (language: Language, text: string, at = clock) => {
  const when = findWhen(text, language, at);
  return when?.startsAt && when.endsAt ? [when.startsAt, minutes(when.startsAt, when.endsAt)] : when?.startsAt;
};

describe('when something is to happen', () => {
  it.each<[Language, string, string, number]>([
    ['pt', 'amanhã às 15h', '2026-11-22T15:00', 30],
    ['pt', 'amanhã 15h30', '2026-11-22T15:30', 30],
    ['pt', 'amanha as 15:30', '2026-11-22T15:30', 30],
    ['pt', 'na próxima terça às 10:00', '2026-11-24T10:00', 30],
    ['pt', 'terça-feira que vem às 9h', '2026-11-24T09:00', 30],
    ['pt', 'sábado às 9h', '2026-11-28T09:00', 30],
    ['pt', 'dia 25 de novembro às 14h', '2026-11-25T14:00', 30],
    ['pt', '25/11/2026 às 14h', '2026-11-25T14:00', 30],
    ['pt', 'dia 5 às 14h', '2026-12-05T14:00', 30],
    ['pt', '3 de março às 8h', '2027-03-03T08:00', 30],
    ['pt', 'depois de amanhã às 9h', '2026-11-23T09:00', 30],
    ['pt', 'amanhã às três da tarde', '2026-11-22T15:00', 30],
    ['pt', 'amanhã às 3', '2026-11-22T15:00', 30],
    ['pt', 'amanhã às 03:00', '2026-11-22T03:00', 30],
    ['pt', 'amanhã às 3h da manhã', '2026-11-22T03:00', 30],
    ['pt', 'amanhã de manhã', '2026-11-22T09:00', 30],
    ['pt', 'amanhã ao meio-dia', '2026-11-22T12:00', 30],
    ['pt', 'sexta das 14h às 16h', '2026-11-27T14:00', 120],
    ['pt', 'daqui a 30 minutos', '2026-11-21T09:30', 30],
    ['pt', 'às 8h', '2026-11-22T08:00', 30],
    ['pt', 'às 15h com Ana amanhã por uma hora e meia', '2026-11-22T15:00', 90],
    ['pt', 'reunião de 45 minutos amanhã às 10h', '2026-11-22T10:00', 45],
    ['es', 'mañana a las 3 de la tarde', '2026-11-22T15:00', 30],
    ['es', 'mañana a las 9 de la mañana', '2026-11-22T09:00', 30],
    ['es', 'mañana por la mañana', '2026-11-22T09:00', 30],
    ['es', 'el próximo martes a las 10', '2026-11-24T10:00', 30],
    ['es', 'pasado mañana a las 9', '2026-11-23T09:00', 30],
    ['es', 'el 25 de noviembre a las 14:00', '2026-11-25T14:00', 30],
    ['es', 'mañana a las 3 y media', '2026-11-22T15:30', 30],
    ['es', 'mañana de 2 a 4 de la tarde', '2026-11-22T14:00', 120],
    ['es', 'dentro de 30 minutos', '2026-11-21T09:30', 30],
    ['es', 'el jueves a las 11 durante media hora', '2026-11-26T11:00', 30],
    ['es', 'el viernes a las 8 de la noche', '2026-11-27T20:00', 30],
    ['en', 'tomorrow at 15:00', '2026-11-22T15:00', 30],
    ['en', 'next tuesday 10am for 45 minutes', '2026-11-24T10:00', 45],
    ['en', 'day after tomorrow at 9am', '2026-11-23T09:00', 30],
    ['en', 'November 25 at 2pm', '2026-11-25T14:00', 30],
    ['en', '2026-12-01 10:00', '2026-12-01T10:00', 30],
    ['en', '25/11 at 14:00', '2026-11-25T14:00', 30],
    ['en', 'on friday from 2pm to 4pm', '2026-11-27T14:00', 120],
    ['en', 'tuesday 10-11am', '2026-11-24T10:00', 60],
    ['en', 'tonight at 8', '2026-11-21T20:00', 30],
    ['en', 'tomorrow at 3', '2026-11-22T15:00', 30],
    ['en', 'tomorrow morning', '2026-11-22T09:00', 30],
    ['en', 'in 2 hours', '2026-11-21T11:00', 30],
    ['en', 'tomorrow at 10 for an hour and a half', '2026-11-22T10:00', 90],
  ])('%s: %s', (language, text, start, length) => {
    expect(read(language, text)).toEqual([`${start}:00-03:00`, length]);
  });

  it('reads a zone that is named', () => {
    expect(read('en', 'tomorrow at 15:00 UTC')).toEqual(['2026-11-22T12:00:00-03:00', 30]);
  });

  it('keeps the wall clock over a change of summer time', () => {
    const lisbon = { now: new Date('2026-10-24T12:00:00Z'), timeZone: 'Europe/Lisbon' };
    expect(read('pt', 'hoje às 18h', lisbon)).toEqual(['2026-10-24T18:00:00+01:00', 30]);
    expect(read('pt', 'amanhã às 15h', lisbon)).toEqual(['2026-10-25T15:00:00+00:00', 30]);
    // Two hours are two hours, whatever clocks do between.
    const night = { now: new Date('2026-10-25T00:30:00Z'), timeZone: 'Europe/Lisbon' };
    expect(read('en', 'in 2 hours', night)).toEqual(['2026-10-25T02:30:00+00:00', 30]);
  });

  it('says that a time is missing, with the day it did understand', () => {
    const when = findWhen('reunião com Ana na sexta', 'pt', clock);
    expect(when?.startsAt).toBeUndefined();
    expect(when?.day).toMatchObject({ month: 11, day: 27 });
  });

  it.each<[Language, string]>([
    ['pt', 'quem assinou o contrato?'],
    ['pt', 'para as 15 pessoas'],
    ['es', 'el contrato de la casa'],
    ['en', 'may I see the contract'],
  ])('finds no time in: %s %s', (language, text) => {
    expect(findWhen(text, language, clock)).toBeUndefined();
  });

  it('gives back the words that are not about time', () => {
    expect(findWhen('agende a segunda reunião amanhã às 16h30 na sala 3', 'pt', clock)?.rest).toBe(
      'agende a segunda reunião na sala 3',
    );
  });
});
