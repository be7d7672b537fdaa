import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@atrium/testing';

/** Undoes quoted-printable (RFC 2045 §6.7), enough to find a link. */
const unquote = (text: string): string =>
  text.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** The newest mail to an address, waited for. */
const mailTo = (dir: string, email: string, naming: string, matching: RegExp): Promise<string> =>
  eventually(async () => {
    const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.eml')).sort();
    for (const name of names.toReversed()) {
      const text = unquote(await readFile(path.join(dir, name), 'utf8'));
      if (text.toLowerCase().includes(email.toLowerCase()) && text.includes(naming) && matching.test(text)) return text;
    }
    return undefined;
  });

/** The token of the link in the newest mail to an address. @param naming what else the mail says */
export const mailedToken = async (dir: string, email: string, naming = ''): Promise<string> => {
  const link = /[?&#]token=([\w.~-]+)/;
  const token = link.exec(await mailTo(dir, email, naming, link))?.[1];
  if (token === undefined) throw new Error(`no link in the mail to ${email}`);
  return token;
};
