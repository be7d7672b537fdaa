import { DomainError, IdParams, route, type Route, type RouteInput } from '@atrium/service-kit';
import busboy, { type Busboy } from 'busboy';
import { DocumentView } from '../documents/document.schema.ts';
import { tooLarge } from './file.receiver.ts';
import { checkFields, formProblems, type ReadUpload } from './upload.form.ts';
import type { Uploads } from './upload.ts';

type Request = RouteInput<undefined, undefined, undefined, 'document:write'>['req'];

/** What a form adds to its file: boundaries, part headers and a title. */
const FORM_BYTES = 16 * 1024;
const LIMITS = { files: 2, fields: 4, fieldNameSize: 100, fieldSize: 4_096, headerPairs: 50 };

const malformed = (cause: unknown): DomainError =>
  new DomainError('request.malformed_multipart', 400, 'The body is not a whole multipart/form-data form.', { cause });
const aborted = (): DomainError => new DomainError('request.aborted', 400, 'The upload ended early.');

const openForm = (req: Request): Busboy => {
  if (!/^multipart\/form-data\s*;/i.test(req.get('content-type') ?? ''))
    throw new DomainError('request.unsupported_media_type', 415, 'Send the body as multipart/form-data.');
  try {
    return busboy({ headers: req.headers, defParamCharset: 'utf8', limits: LIMITS });
  } catch (error) {
    throw malformed(error);
  }
};

/**
 * Reads the form of a request as it arrives. Nothing is held but the fields; the first thing that is wrong ends it,
 * and the file's consumer learns of it by its stream failing.
 */
const readUpload =
  (req: Request): ReadUpload =>
  async (onFile, maxBytes) => {
    const form = openForm(req);
    if (Number(req.get('content-length') ?? 0) > maxBytes + FORM_BYTES) throw tooLarge(maxBytes);
    const fields = new Map<string, string>();
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    let storing: Promise<void> | undefined;

    form.on('file', (name, stream, { filename }) => {
      // A stream that is given up fails too; it is heard here so that it never fails unheard.
      stream.on('error', (error) => reject(error instanceof DomainError ? error : malformed(error)));
      if (name !== 'file' || storing !== undefined) {
        stream.resume();
        reject(name === 'file' ? formProblems.tooManyFiles() : formProblems.unknown(name));
      } else {
        storing = onFile(stream, filename);
        storing.catch(reject);
      }
    });
    form.on('field', (name, value, { valueTruncated }) => {
      if (name === 'file') reject(formProblems.notText(name));
      else if (name !== 'title' || valueTruncated || fields.has(name)) reject(formProblems.unknown(name));
      else fields.set(name, value);
    });
    form.on('filesLimit', () => reject(formProblems.tooManyFiles()));
    form.on('error', (error) => reject(malformed(error)));
    form.on('close', resolve);
    const onGone = (): void => {
      if (req.complete) return;
      reject(aborted());
      form.destroy(aborted());
    };
    req.once('close', onGone);
    req.once('error', onGone);
    req.pipe(form);

    try {
      await ended;
      if (storing === undefined) throw formProblems.missingFile();
      await storing;
      return checkFields(fields);
    } catch (error) {
      req.unpipe(form);
      form.destroy(error instanceof Error ? error : aborted());
      // Wait until the consumer has cleaned up, so that nothing is left when the answer is sent.
      await storing?.catch(() => undefined);
      throw error;
    } finally {
      req.off('close', onGone);
      req.off('error', onGone);
    }
  };

export const uploadRoutes = (uploads: Uploads): Route[] => [
  route({
    method: 'post',
    path: '/documents',
    id: 'uploadDocument',
    summary: 'Upload a document: field `file`, and `title` if it is not to be the file name',
    permission: 'document:write',
    consumes: 'multipart/form-data',
    status: 202,
    response: DocumentView,
    errors: [400, 413, 415, 422],
    handler: ({ req, tenant }) => uploads.create(tenant, readUpload(req)),
  }),
  route({
    method: 'post',
    path: '/documents/:id/versions',
    id: 'uploadVersion',
    summary: 'Upload a new version; the one before is searched until it is ready',
    permission: 'document:write',
    params: IdParams,
    consumes: 'multipart/form-data',
    status: 202,
    response: DocumentView,
    errors: [400, 404, 413, 415],
    handler: ({ req, tenant, params }) => uploads.addVersion(tenant, params.id, readUpload(req)),
  }),
];
