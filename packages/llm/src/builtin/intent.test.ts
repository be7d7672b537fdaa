import { describe, expect, it } from '@jest/globals';
import { detectIntent } from './intent.ts';

describe('the intent of a message', () => {
  it.each([
    ['create_event', 'marca reunião com Ana amanhã às 15h'],
    ['create_event', 'Por favor, agende uma call com o Bruno sexta às 10'],
    ['create_event', 'agenda una reunión con Ana mañana a las 3'],
    ['create_event', '¿Puedes crear un evento el martes a las 10?'],
    ['create_event', 'schedule a meeting with Bob tomorrow at 15:00'],
    ['create_event', 'Book a 30-minute call with Bob on Friday at 4pm'],
    ['list_events', 'o que tenho na agenda amanhã?'],
    ['list_events', 'Quais são minhas reuniões desta semana?'],
    ['list_events', '¿Qué tengo mañana?'],
    ['list_events', 'muéstrame mis eventos'],
    ['list_events', "what's on my calendar today?"],
    ['list_events', 'do I have any meetings tomorrow?'],
    ['get_balance', 'qual é o meu saldo?'],
    ['get_balance', 'saldo'],
    ['get_balance', 'Quantos créditos eu ainda tenho?'],
    ['get_balance', '¿Cuál es mi saldo?'],
    ['get_balance', 'how many credits do I have left?'],
    ['get_balance', 'what is my balance?'],
    ['identity', 'quem é você?'],
    ['identity', 'O que você sabe fazer?'],
    ['identity', '¿Quién eres?'],
    ['identity', 'Are you ChatGPT?'],
    ['identity', 'what can you do?'],
    ['greeting', 'Olá, tudo bem?'],
    ['greeting', '¡Hola!'],
    ['greeting', 'good morning'],
    ['thanks', 'Muito obrigada!'],
    ['thanks', 'thanks a lot'],
    ['help', 'ajuda'],
    ['help', ''],
    ['help', '???'],
    ['search_documents', 'Qual é o prazo de entrega do contrato Alfa?'],
    ['search_documents', '¿Qué dice el contrato sobre la multa?'],
    ['search_documents', 'What is the penalty for late delivery?'],
    ['search_documents', 'What does the balance sheet of 2025 show?'],
    ['search_documents', 'procure por política de reembolso nos documentos'],
  ])('%s: %s', (intent, message) => {
    expect(detectIntent(message)).toBe(intent);
  });
});
