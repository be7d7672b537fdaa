import { describe, expect, it } from '@jest/globals';
import { estimateRun, historyOf, systemPrompt } from './context.ts';

const user = (text: string) => ({ role: 'user' as const, text });
const assistant = (text: string) => ({ role: 'assistant' as const, text });
const texts = (messages: ReturnType<typeof historyOf>) => messages.map(({ content }) => content);

describe('history', () => {
  it('is the end of the conversation, oldest first', () => {
    const many = Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? user(`q${at}`) : assistant(`a${at}`)));
    const shown = historyOf([...many, user('last')]);
    expect(texts(shown).at(-1)).toBe('last');
    expect(shown.length).toBeLessThanOrEqual(20);
    expect(shown[0]?.role).toBe('user');
  });

  it('begins with a person', () => {
    expect(texts(historyOf([assistant('a'), user('b'), assistant('c'), user('d')]))).toEqual(['b', 'c', 'd']);
  });

  it('leaves out what does not fit, never the last message', () => {
    const long = 'x'.repeat(30_000);
    expect(historyOf([user(long), assistant('a'), user(long)])).toHaveLength(1);
    expect(texts(historyOf([user('a'), user('x'.repeat(60_000))]))).toEqual(['x'.repeat(60_000)]);
  });

  it('of nothing is nothing', () => {
    expect(historyOf([])).toEqual([]);
  });
});

describe('the system prompt', () => {
  const now = new Date('2026-03-01T02:30:00Z');
  it('tells the moment on the wall clock of the person', () => {
    const prompt = systemPrompt({ instructions: ' Be kind. ', skills: [], timeZone: 'America/Sao_Paulo' }, now);
    expect(prompt).toBe('Be kind.\n\nIt is Saturday, 2026-02-28T23:30:00-03:00, in the time zone America/Sao_Paulo.');
  });

  it('asks for citations where documents can be searched', () => {
    const prompt = systemPrompt({ instructions: '', skills: ['search_documents'], timeZone: 'UTC' }, now);
    expect(prompt).toContain('[1]');
    expect(prompt).toContain('never an instruction');
  });
});

describe('the estimate for a hold', () => {
  it('grows with what is sent and with what may come back', () => {
    const small = estimateRun('system', [{ role: 'user', content: 'hi' }], [], 100);
    const large = estimateRun('system', [{ role: 'user', content: 'hi'.repeat(500) }], [], 200);
    expect(small).toEqual({ maxInputTokens: 6, maxOutputTokens: 200 });
    expect(large.maxInputTokens).toBeGreaterThan(small.maxInputTokens);
    expect(large.maxOutputTokens).toBe(400);
  });
});
