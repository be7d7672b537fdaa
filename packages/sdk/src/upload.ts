import { errorOf, isAtriumError, networkError } from './atrium.error.ts';
import type { Atrium } from './client.ts';
import type { Result, UploadPath } from './operation.types.ts';
import { newKey, type Transport } from './transport.ts';

/** How far an upload is, in bytes. The whole counts the form around the file too. */
export interface UploadProgress {
  readonly sent: number;
  readonly total: number;
}

export interface UploadOptions {
  readonly file: Blob;
  /** Name of the file; that of a `File` when absent. */
  readonly fileName?: string;
  /** Further fields of the form, such as `title`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Parameters of the path. */
  readonly path?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Gives the upload up; the server keeps nothing of it. */
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  header(name: string): string | null;
}

/** The part of XMLHttpRequest that is used here; outside browsers there is none. */
interface ProgressRequest {
  readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null };
  readonly status: number;
  readonly responseText: string;
  withCredentials: boolean;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: FormData): void;
  abort(): void;
}

interface Sending {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: Transport['credentials'];
  readonly form: FormData;
  readonly onProgress: ((progress: UploadProgress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

const byRequest = (request: ProgressRequest, sending: Sending): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { url, headers, credentials, form, onProgress, signal } = sending;
    const stop = (): void => request.abort();
    const ended =
      (then: () => void): (() => void) =>
      () => {
        signal?.removeEventListener('abort', stop);
        then();
      };
    request.open('POST', url);
    request.withCredentials = credentials === 'include';
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onProgress) request.upload.onprogress = ({ loaded, total }) => onProgress({ sent: loaded, total });
    request.onload = ended(() =>
      resolve({
        status: request.status,
        body: request.responseText,
        header: (name) => request.getResponseHeader(name),
      }),
    );
    request.onerror = ended(() => reject(networkError(undefined)));
    request.onabort = ended(() => reject(signal?.reason as Error));
    signal?.addEventListener('abort', stop, { once: true });
    request.send(form);
  });

/** A name inside a form, as browsers write it (WHATWG HTML §4.10.22.8). */
const quoted = (name: string): string => `"${name.replace(/["\r\n]/g, (character) => encodeURIComponent(character))}"`;

/** The form as it goes over the wire, of known length: a description of bytes that stay where they are, no copy. */
const encode = (form: FormData): { type: string; body: Blob } => {
  const boundary = `atrium-${newKey()}`;
  const parts: (string | Blob)[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}`;
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${value}\r\n`);
    else {
      const type = value.type || 'application/octet-stream';
      parts.push(`${head}; filename=${quoted(value.name)}\r\ncontent-type: ${type}\r\n\r\n`, value, '\r\n');
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return { type: `multipart/form-data; boundary=${boundary}`, body: new Blob(parts) };
};

/** The same bytes, counted as they are taken. */
const counted = (whole: Blob, onProgress: (progress: UploadProgress) => void): ReadableStream => {
  let sent = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      sent += chunk.byteLength;
      controller.enqueue(chunk);
      onProgress({ sent, total: whole.size });
    },
  });
  return whole.stream().pipeThrough(counter);
};

const byFetch = async (fetch: typeof globalThis.fetch, sending: Sending): Promise<Answer> => {
  const { url, headers, credentials, form, onProgress, signal } = sending;
  const base = { method: 'POST', credentials, ...(signal ? { signal } : {}) };
  let init: RequestInit & { duplex?: 'half' } = { ...base, headers, body: form };
  if (onProgress) {
    const { type, body } = encode(form);
    init = { ...base, headers: { ...headers, 'content-type': type }, body: counted(body, onProgress), duplex: 'half' };
  }
  try {
    const response = await fetch(url, init);
    return {
      status: response.status,
      body: await response.text(),
      header: (name) => response.headers.get(name),
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw networkError(error);
  }
};

/**
 * Uploads a file with progress. Browsers send it by XMLHttpRequest, which alone tells how far it is; elsewhere it is
 * streamed by fetch. It is not sent twice by itself: whether the first one arrived is for a person to look up.
 *
 * ```ts
 * const document = await upload(atrium, '/api/v1/documents', { file, onProgress: ({ sent, total }) => show(sent / total) });
 * ```
 */
export const upload = async <P extends UploadPath>(
  atrium: Pick<Atrium, 'transport' | 'session'>,
  path: P,
  options: UploadOptions,
): Promise<Result<'post', P>> => {
  const { transport, session } = atrium;
  const { file, fields = {}, signal } = options;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', file, options.fileName ?? ('name' in file ? String(file.name) : 'file'));
  const Request = (globalThis as { XMLHttpRequest?: new () => ProgressRequest }).XMLHttpRequest;

  const send = async (token: string | undefined): Promise<Result<'post', P>> => {
    signal?.throwIfAborted();
    const sending: Sending = {
      url: transport.urlOf({ path, params: options.path }),
      headers: { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      credentials: transport.credentials,
      form,
      onProgress: options.onProgress,
      signal,
    };
    const answer = Request ? await byRequest(new Request(), sending) : await byFetch(transport.fetch, sending);
    if (answer.status < 200 || answer.status > 299) throw errorOf(answer, Date.now());
    return JSON.parse(answer.body) as Result<'post', P>;
  };

  const token = await session.token();
  try {
    return await send(token);
  } catch (error) {
    // A refused token is refused before anything is kept.
    if (token === undefined || !isAtriumError(error) || error.status !== 401) throw error;
    return send(await session.refresh(token));
  }
};
