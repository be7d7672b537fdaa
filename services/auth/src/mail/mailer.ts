import type { Locale } from '../users/user.schema.ts';

/** A mail to be written from a template, in the reader's language. */
interface Mail {
  readonly to: string;
  readonly template: 'invitation';
  readonly locale: Locale;
  /** What the template names. */
  readonly data: Readonly<Record<string, string>>;
}

/** Takes mails inside a transaction; they are sent after its commit, or not at all. */
export interface Mailer {
  queue(mail: Mail): Promise<void>;
}
