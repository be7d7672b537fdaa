import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../chat.ts';
import { decideTurn } from './turn.ts';

const clock = { now: new Date('2026-11-21T12:00:00Z'), timeZone: 'America/Sao_Paulo' };
const all = new Set(['search_documents', 'create_event', 'list_events', 'get_balance']);
const user = (content: string): ChatMessage => ({ role: 'user', content });
const answered = (question: string, name: string, result: unknown, isError = false): ChatMessage[] => [
  user(question),
  { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name, arguments: {} }] },
  { role: 'tool', toolCallId: 'c1', content: typeof result === 'string' ? result : JSON.stringify(result), isError },
];
const say = (messages: ChatMessage[], tools = all): string => {
  const turn = decideTurn(messages, tools, clock);
  return 'say' in turn ? turn.say : `called ${turn.call.name}`;
};

describe('a question that needs a tool', () => {
  it.each([
    [
      'Qual é o prazo de entrega do contrato Alfa?',
      'search_documents',
      { query: 'prazo entrega contrato Alfa', limit: 5 },
    ],
    ['procure política de reembolso nos documentos', 'search_documents', { query: 'política reembolso', limit: 5 }],
    ['what is my balance?', 'get_balance', {}],
    ['¿qué tengo mañana?', 'list_events', { from: '2026-11-22T00:00:00-03:00', to: '2026-11-23T00:00:00-03:00' }],
    [
      'schedule a meeting with Bob tomorrow at 15:00',
      'create_event',
      {
        title: 'Meeting with Bob',
        startsAt: '2026-11-22T15:00:00-03:00',
        endsAt: '2026-11-22T15:30:00-03:00',
        timeZone: 'America/Sao_Paulo',
      },
    ],
  ])('%s', (question, name, args) => {
    expect(decideTurn([user(question)], all, clock)).toEqual({ call: { name, arguments: args } });
  });

  it('asks for the time and then puts both messages together', () => {
    const question = say([user('marque uma reunião com Ana na sexta')]);
    expect(question).toMatch(/que dia e hora/);
    const messages = [user('marque uma reunião com Ana na sexta'), { role: 'assistant', content: question } as const];
    expect(decideTurn([...messages, user('às 15h')], all, clock)).toMatchObject({
      call: { name: 'create_event', arguments: { title: 'Reunião com Ana', startsAt: '2026-11-27T15:00:00-03:00' } },
    });
  });

  it('does not call a tool it was not given, and says what it can do', () => {
    const text = say([user('what is my balance?')], new Set(['search_documents']));
    expect(text).toMatch(/built-in assistant.*without a language model/s);
    expect(text).toMatch(/passages of your documents/);
    expect(text).not.toMatch(/balance/);
  });
});

describe('the answer of a tool in words', () => {
  const passage = { documentId: 'd', versionId: 'v', heading: null, score: 1 };
  const results = [
    { ...passage, title: 'Ata de reunião', page: null, text: 'Participaram Ana e Bruno.' },
    { ...passage, title: 'Contrato Alfa', page: 3, text: 'O prazo de entrega é de trinta dias. A multa é de 2%.' },
  ];

  it('cites the passages by their place in the results', () => {
    expect(say(answered('Qual é o prazo de entrega?', 'search_documents', { results }))).toBe(
      'Encontrei isto nos seus documentos:\n\nO prazo de entrega é de trinta dias. [2]\n\nFontes:\n[2] Contrato Alfa, p. 3',
    );
  });

  it('admits that nothing fits', () => {
    expect(say(answered('Quem descobriu o Brasil?', 'search_documents', { results }))).toMatch(
      /nenhum trecho responde/,
    );
    expect(say(answered('Who won the cup?', 'search_documents', { results: [] }))).toMatch(/found nothing/);
  });

  const event = {
    title: 'Reunião com Ana',
    startsAt: '2026-11-22T18:00:00.000Z',
    endsAt: '2026-11-22T18:30:00.000Z',
    timeZone: 'America/Sao_Paulo',
  };

  it.each([
    ['marca reunião com Ana amanhã às 15h', 'domingo, 22 de novembro de 2026, das 15:00 às 15:30'],
    ['agenda una reunión con Ana mañana a las 15:00', 'domingo, 22 de noviembre de 2026, de 15:00 a 15:30'],
    ['schedule a meeting with Ana tomorrow at 3pm', 'Sunday, November 22, 2026, from 15:00 to 15:30'],
  ])('confirms an event: %s', (question, words) => {
    expect(say(answered(question, 'create_event', event))).toContain(words);
  });

  it('lists events and says when there are none', () => {
    expect(say(answered('o que tenho amanhã?', 'list_events', { events: [event] }))).toContain(
      '15:00–15:30: Reunião com Ana',
    );
    expect(say(answered('what do I have tomorrow?', 'list_events', { events: [] }))).toMatch(/no events/);
  });

  it('tells the balance in money, not in micro-units', () => {
    const balance = { available: 12_345_678, held: 0, currency: 'USD' };
    expect(say(answered('what is my balance?', 'get_balance', balance))).toBe('Your available balance is $12.35.');
    expect(say(answered('qual é o meu saldo?', 'get_balance', balance))).toMatch(/US\$\s12,35/);
  });

  it('tells what went wrong', () => {
    expect(say(answered('what is my balance?', 'get_balance', { error: 'billing is away' }, true))).toContain(
      'billing is away',
    );
    expect(say(answered('what is my balance?', 'get_balance', 'not allowed', true))).toContain('not allowed');
  });
});

describe('who it is', () => {
  it.each([
    ['quem é você?', /assistente embutido.*sem modelo de linguagem/],
    ['¿Quién eres?', /asistente integrado.*sin un modelo de lenguaje/],
    ['Are you ChatGPT?', /built-in assistant.*no language model/],
  ])('%s', (question, words) => {
    expect(say([user(question)])).toMatch(words);
  });
});
