import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { JobRefused, type Logger } from '@atrium/service-kit';
import { createTransport } from 'nodemailer';
import type { Letter } from './letter.ts';

/** Carries letters away. Never inside a transaction: a mail cannot be taken back, and servers take their time. */
export interface MailTransport {
  /** @throws JobRefused when trying again cannot help, another error when it can */
  send(letter: Letter): Promise<void>;
  close(): void;
}

/** A refusal of the server for good (RFC 5321 §4.2.1: 5yz). */
const isRefusal = (error: unknown): error is Error & { responseCode: number } =>
  error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 500;

const toServer = (url: string, from: string): MailTransport => {
  const transport = createTransport(url, { from });
  return {
    async send(letter) {
      try {
        await transport.sendMail(letter);
      } catch (error) {
        if (isRefusal(error))
          throw new JobRefused('mail.refused', `The mail server refused the mail (${error.responseCode}).`);
        throw error;
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
  from: string;
  log: Logger;
  now: () => Date;
  newId: () => string;
}): MailTransport => {
  const { smtpUrl, dir, from, log } = options;
  if (smtpUrl !== undefined) return toServer(smtpUrl, from);
  if (dir !== undefined) return toFolder(dir, from, options);
  log.warn('mails are dropped: set SMTP_URL to send them, or MAIL_DIR to write them to a folder');
  return { send: () => Promise.resolve(), close: () => undefined };
};
