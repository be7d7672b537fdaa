import { describe, expect, it } from '@jest/globals';
import { findRange } from './range.ts';
import type { Language } from './language.ts';

// Wednesday.
const clock = { now: new Date('2026-11-18T12:00:00Z'), timeZone: 'America/Sao_Paulo' };

describe('the days a question means', () => {
  it.each<[Language, string, string, string]>([
    ['pt', 'o que tenho hoje?', '2026-11-18', '2026-11-19'],
    ['pt', 'o que tenho amanhã?', '2026-11-19', '2026-11-20'],
    ['pt', 'minhas reuniões desta semana', '2026-11-18', '2026-11-23'],
    ['pt', 'o que tenho nesta semana?', '2026-11-18', '2026-11-23'],
    ['pt', 'e na semana que vem?', '2026-11-23', '2026-11-30'],
    ['es', '¿qué tengo el viernes?', '2026-11-20', '2026-11-21'],
    ['es', '¿qué tengo este mes?', '2026-11-18', '2026-12-01'],
    ['en', "what's on my calendar today?", '2026-11-18', '2026-11-19'],
    ['en', 'my meetings next week', '2026-11-23', '2026-11-30'],
    ['en', 'show my calendar', '2026-11-18', '2026-11-25'],
  ])('%s: %s', (language, question, from, to) => {
    expect(findRange(question, language, clock)).toEqual({
      from: `${from}T00:00:00-03:00`,
      to: `${to}T00:00:00-03:00`,
    });
  });
});
