import { describe, expect, it } from '@jest/globals';
import { detectLanguage } from './language.ts';

describe('the language of a text', () => {
  it.each([
    ['portuguese', 'O contrato não foi assinado pelas partes e a reunião ficou para amanhã.'],
    ['portuguese', 'Quando vence o prazo do contrato?'],
    ['portuguese', 'Bom dia, preciso remarcar a consulta de quinta para sexta.'],
    ['spanish', 'El contrato no fue firmado por las partes y la reunión quedó para mañana.'],
    ['spanish', '¿Cuándo vence el plazo del contrato?'],
    ['spanish', 'Buenos días, necesito cambiar la cita del jueves al viernes.'],
    ['english', 'The contract was not signed by the parties and the meeting is tomorrow.'],
    ['english', 'When does the contract end?'],
    ['simple', 'Der Vertrag wurde von den Parteien nicht unterschrieben.'],
    ['simple', '12345 67890'],
    ['simple', ''],
    ['simple', '契約は署名されませんでした。'],
  ])('%s: %s', (language, text) => {
    expect(detectLanguage(text)).toBe(language);
  });
});
