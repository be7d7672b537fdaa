import type { Locale } from '../users/user.schema.ts';

/** A mail, ready to be sent. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What a letter says in one language. `{name}` and `{hours}` are filled in; `action` is the text of its link. */
interface LetterText {
  readonly subject: string;
  readonly lines: readonly string[];
  readonly action?: string;
}

/** A kind of letter, in every language. */
export type LetterKind = Readonly<Record<Locale, LetterText>>;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

/** Names are chosen by people; a line break in one would look like our own words. */
const fill = (line: string, values: Readonly<Record<string, string>>): string =>
  line.replace(/\{(\w+)\}/g, (_all, name: string) => (values[name] ?? '').replace(/\s+/g, ' '));

/**
 * Writes a letter, as text and as HTML that says the same.
 * @param values for the places in its lines, as plain text
 * @param link where its action leads; for kinds that have one
 */
export const writeLetter = (
  kind: LetterKind,
  options: { to: string; locale: Locale; values: Readonly<Record<string, string>>; link?: string },
): Letter => {
  const { to, locale, values, link } = options;
  const { subject, lines, action } = kind[locale];
  const filled = lines.map((line) => fill(line, values));
  const [first = '', ...rest] = filled;
  const linked = action !== undefined && link !== undefined;
  const text = [first, ...(linked ? [`${action}: ${link}`] : []), ...rest].join('\n\n');
  const paragraph = (inner: string): string => `<p>${inner}</p>`;
  const html = [
    paragraph(escape(first)),
    ...(linked ? [paragraph(`<a href="${escape(link)}">${escape(action)}</a>`)] : []),
    ...rest.map((line) => paragraph(escape(line))),
  ].join('\n');
  const page = `<!doctype html>\n<html lang="${locale}"><head><meta charset="utf-8"></head><body>\n${html}\n</body></html>\n`;
  return { to, subject, text: `${text}\n`, html: page };
};
