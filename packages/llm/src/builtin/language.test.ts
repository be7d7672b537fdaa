import { describe, expect, it } from '@jest/globals';
import { detectLanguage, languageOf } from './language.ts';

describe('the language of a message', () => {
  it.each([
    ['pt', 'marca reunião com Ana amanhã às 15h'],
    ['pt', 'qual é o meu saldo?'],
    ['pt', 'O que diz o contrato sobre multa?'],
    ['pt', 'ola, tudo bem?'],
    ['es', 'agenda una reunión con Ana mañana a las 3 de la tarde'],
    ['es', '¿Cuál es mi saldo?'],
    ['es', '¿Qué dice el contrato sobre la multa?'],
    ['es', 'hola'],
    ['en', 'schedule a meeting with Ana tomorrow at 15:00'],
    ['en', 'what is my balance?'],
    ['en', 'What does the contract say about fines?'],
    ['en', 'next tuesday 10am for 45 minutes'],
  ])('%s: %s', (language, text) => {
    expect(detectLanguage(text)).toBe(language);
  });

  it('does not guess from a name or a number', () => {
    expect(detectLanguage('Alfa 2026')).toBeUndefined();
    expect(detectLanguage('')).toBeUndefined();
  });

  it('keeps the language of the conversation when the newest message does not tell', () => {
    expect(languageOf(['qual é o prazo?', 'Alfa 2026'])).toBe('pt');
    expect(languageOf(['qual é o prazo?', 'what is the deadline?'])).toBe('en');
    expect(languageOf(['42'])).toBe('en');
  });
});
