import { describe, expect, it } from '@jest/globals';
import { letters } from '../emails/email.letters.ts';
import { writeLetter, type LetterKind } from './letter.ts';

const write = (name: string, locale: 'en' | 'pt' | 'es' = 'en') =>
  writeLetter(letters.verify_email, {
    to: 'ana@example.com',
    locale,
    values: { name, hours: '24' },
    link: 'https://app.example.com/verify-email#token=a_b-c',
  });

describe('writeLetter', () => {
  it('says the same as text and as HTML', () => {
    const { subject, text, html } = write('Ana');
    expect(subject).toBe('Confirm your email address');
    for (const part of [text, html]) {
      expect(part).toContain('Hello Ana, please confirm');
      expect(part).toContain('https://app.example.com/verify-email#token=a_b-c');
      expect(part).toContain('good for 24 hours');
    }
  });

  it('takes no markup and no lines from names', () => {
    const { text, html } = write('<a href="https://evil.example">\n\nYour account is closed</a>');
    expect(html).not.toContain('<a href="https://evil');
    expect(html).toContain('&lt;a href=&quot;');
    expect(text.split('\n\n')).toHaveLength(write('Ana').text.split('\n\n').length);
  });

  it.each(Object.entries<LetterKind>(letters))('%s is whole in every language', (_name, kind) => {
    const all = Object.values(kind);
    expect(new Set(all.map(({ subject }) => subject)).size).toBe(3);
    for (const one of all) {
      expect(one.lines).toHaveLength(all[0]?.lines.length ?? 0);
      expect('action' in one).toBe('action' in kind.en);
      const places = (lines: readonly string[]) => lines.join().match(/\{\w+\}/g);
      expect(places(one.lines)).toEqual(places(kind.en.lines));
    }
  });
});
