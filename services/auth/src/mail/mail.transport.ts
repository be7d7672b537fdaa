import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createBreaker, throughBreaker, type BreakerRules } from '@atrium/resilience';
import { JobRefused, unavailable, type Logger } from '@atrium/service-kit';
import { createTransport } from 'nodemailer';
import type { Letter } from './letter.ts';

/** Carries letters away. Never inside a transaction: a mail cannot be taken back, and servers take their time. */
export interface MailTransport {
  /** @throws JobRefused when trying again cannot help, 503 `mail.unavailable` when it can */
  send(letter: Letter): Promise<void>;
  close(): void;
}

/** A refusal of the server for good (RFC 5321 §4.2.1: 5yz). */
const isRefusal = (error: unknown): error is Error & { responseCode: number } =>
  error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 500;

/** The server is there, whatever it says of this mail; 421 is how it says that it is not (RFC 5321 §3.8). */
const isAnswer = (error: unknown): boolean =>
  error instanceof Error && 'responseCode' in error && error.responseCode !== 421;

/** A server that hangs is given up after these, in milliseconds. */
const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

const toServer = (url: string, from: string, rules: BreakerRules): MailTransport => {
  const settings = new URL(url);
  for (const [name, ms] of Object.entries(PATIENCE))
    if (!settings.searchParams.has(name)) settings.searchParams.set(name, String(ms));
  const transport = createTransport(settings.href, { from });
  const breaker = createBreaker(rules);
  return {
    async send(letter) {
      try {
        await throughBreaker(breaker, () => transport.sendMail(letter), {
          now: () => performance.now(),
          tells: (error) => (isAnswer(error) ? 'up' : 'down'),
          refuse: (waitMs) => new Error(`the mail server keeps failing and is left alone for ${Math.ceil(waitMs)} ms`),
        });
      } catch (error) {
        if (isRefusal(error))
          throw new JobRefused('mail.refused', `The mail server refused the mail (${error.responseCode}).`);
        throw unavailable('mail.unavailable', 'The mail server does not take mails just now.', 1, error);
      }
    },
    close: () => transport.close(),
  };
};

const toFolder = (dir: string, from: string, names: { now: () => Date; newId: () => string }): MailTransport => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' }, { from });
  return {
    async send(letter) {
      const { message } = await transport.sendMail(letter);
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const file = path.join(dir, `${names.now().toISOString().replace(/[:.]/g, '-')}-${names.newId()}`);
      // Links in mails let people in, so only the owner of the folder reads them; and nobody sees half of one.
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600, flag: 'wx' });
      await rename(`${file}.part`, `${file}.eml`);
    },
    close: () => transport.close(),
  };
};

/**
 * Sends over SMTP, or writes mails as files where there is no server.
 * @param smtpUrl such as `smtps://user:password@mail.example.com`
 * @param dir folder for mails that no server takes; with neither, letters are dropped
 */
export const createMailTransport = (options: {
  smtpUrl: string | undefined;
  dir: string | undefined;
  /** When a server that fails is left alone. */
  breaker: BreakerRules;
  from: string;
  log: Logger;
  now: () => Date;
  newId: () => string;
}): MailTransport => {
  const { smtpUrl, dir, from, log } = options;
  if (smtpUrl !== undefined) return toServer(smtpUrl, from, options.breaker);
  if (dir !== undefined) return toFolder(dir, from, options);
  log.warn('mails are dropped: set SMTP_URL to send them, or MAIL_DIR to write them to a folder');
  return { send: () => Promise.resolve(), close: () => undefined };
};
