import { readFileSync } from 'node:fs';
import { DomainError } from '@atrium/service-kit';

/** Why a password is refused; stable words for programs. */
export type Weakness = 'common' | 'personal' | 'repetitive';

/** Whose password it is to be: what an attacker tries first. */
export interface PasswordOwner {
  readonly email: string;
  readonly name?: string | undefined;
}

const MESSAGES: Record<Weakness, string> = {
  common: 'This password is on the list of leaked and common passwords.',
  personal: 'This password is made of the name or the email address.',
  repetitive: 'This password repeats itself or runs along the alphabet or the keyboard.',
};

/**
 * Ten thousand passwords that leaked most often, of eight characters and more, lower case, one a line. Made
 * from the frequency list of @zxcvbn-ts/language-common 3.0.4; see common.passwords.license.txt.
 */
const readCommon = (): ReadonlySet<string> =>
  new Set(
    readFileSync(new URL('./common.passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter(Boolean),
  );
let common: ReadonlySet<string> | undefined;

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
const RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiopasdfghjklzxcvbnm'].flatMap((run) => [
  run,
  [...run].reverse().join(''),
]);

/** A digit or a sign or two at the end make a listed password no better. */
const isCommon = (word: string, list: ReadonlySet<string>): boolean =>
  [0, 1, 2].some(
    (cut) => /^[^\p{L}]*$/u.test(word.slice(word.length - cut)) && list.has(word.slice(0, word.length - cut)),
  );

const isPersonal = (word: string, { email, name }: PasswordOwner): boolean => {
  const [local = ''] = email.split('@');
  const own = [email, local, ...(name === undefined ? [] : [name, name.replace(/\s+/g, '')])].map(plain);
  const stem = word.replace(/[^\p{L}]+$/u, '');
  return own.some((text) => text.length >= 4 && (text === word || text === stem));
};

const isRepetitive = (word: string): boolean =>
  /^(.{1,3}?)\1+.{0,2}$/su.test(word) || RUNS.some((run) => run.includes(word));

/** What is wrong with a new password; nothing for most. There are no rules about kinds of characters. */
export const weaknessesOf = (password: string, owner: PasswordOwner): Weakness[] => {
  common ??= readCommon();
  const word = plain(password);
  return [
    ...(isCommon(word, common) ? ['common' as const] : []),
    ...(isPersonal(word, owner) ? ['personal' as const] : []),
    ...(isRepetitive(word) ? ['repetitive' as const] : []),
  ];
};

/**
 * Refuses a new password that is easily guessed.
 * @param path where the request carries it
 * @throws DomainError 422 `auth.weak_password`, whose `reasons` name every weakness
 */
export const requireStrong = (password: string, owner: PasswordOwner, path = 'body.password'): void => {
  const reasons = weaknessesOf(password, owner);
  if (reasons.length === 0) return;
  throw new DomainError('auth.weak_password', 422, 'This password is easily guessed. Choose another one.', {
    errors: reasons.map((code) => ({ path, code, message: MESSAGES[code] })),
    extra: { reasons },
  });
};
