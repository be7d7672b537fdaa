import type { Readable } from 'node:stream';
import { invalid } from '@atrium/service-kit';
import { Title } from '../documents/document.schema.ts';

/** What a form tells beside its file. */
export interface UploadFields {
  title: string | undefined;
}

/** Reads a form: gives its file to `onFile` as it comes, then answers with the fields, wherever in the form they were. */
export type ReadUpload = (
  onFile: (stream: Readable, fileName: string | undefined) => Promise<void>,
  /** The largest file in bytes. */
  maxBytes: number,
) => Promise<UploadFields>;

const field = (name: string, code: string, message: string) =>
  invalid('request.invalid', 'Some fields of the form are not valid.', [{ path: `body.${name}`, code, message }]);

/** The refusals of a form, as those of a JSON body read. */
export const formProblems = {
  missingFile: () => field('file', 'missing', 'Send the document as a file in the field "file".'),
  tooManyFiles: () => field('file', 'too_many', 'Send one file at a time.'),
  unknown: (name: string) => field(name, 'unrecognized_keys', 'There is no such field; there are "file" and "title".'),
  notText: (name: string) => field(name, 'invalid_type', 'Send the document in "file" and its title as text.'),
};

/** @throws DomainError 422 naming the field */
export const checkFields = (fields: ReadonlyMap<string, string>): UploadFields => {
  const title = fields.get('title');
  if (title === undefined) return { title: undefined };
  const parsed = Title.safeParse(title);
  const [issue] = parsed.error?.issues ?? [];
  if (!parsed.success) throw field('title', issue?.code ?? 'invalid', issue?.message ?? 'The title is not valid.');
  return { title: parsed.data };
};
