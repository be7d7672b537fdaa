import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** An answer as it came, and as JSON where it is some. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `{}` for what is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Sending {
  readonly method?: string;
  /** As they are to be on the wire: names keep their case, an array is a header sent more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** An object is sent as JSON, a form as multipart, a string as it is. */
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
/** Streams do not end by themselves; this much of one is read. */
const STREAM_MS = 400;
const MOST_MS = 30_000;

const encode = async (body: unknown): Promise<{ type?: string; bytes?: Buffer }> => {
  if (body === undefined) return {};
  if (typeof body === 'string') return { type: 'application/json', bytes: Buffer.from(body) };
  if (!(body instanceof FormData)) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) };
  const multipart = new Response(body);
  return {
    type: multipart.headers.get('content-type') ?? '',
    bytes: Buffer.from(await multipart.arrayBuffer()),
  };
};

const parse = (text: string): Record<string, unknown> => {
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};

/** Sends one request, with nothing added that was not asked for but `Host` and what frames the body. */
export const send = async (url: string, sending: Sending = {}): Promise<Answer> => {
  const { method = 'GET', headers = {}, token, signal } = sending;
  const { type, bytes } = await encode(sending.body);
  const { hostname, port, pathname, search } = new URL(url);
  const all: Record<string, string | string[]> = {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(bytes === undefined ? {} : { 'content-length': String(bytes.length) }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  for (const [name, value] of Object.entries(headers)) all[name] = typeof value === 'string' ? value : [...value];
  return new Promise((resolve, reject) => {
    const call = request(
      // The path as it was given, where the URL parser would tidy it up.
      { agent, hostname, port, path: url.slice(url.indexOf(pathname)) || `${pathname}${search}`, method, headers: all },
      (answer) => {
        const chunks: Buffer[] = [];
        const finish = (): void => {
          clearTimeout(timer);
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: parse(text) });
        };
        if (String(answer.headers['content-type']).startsWith('text/event-stream'))
          setTimeout(() => (finish(), call.destroy()), STREAM_MS).unref();
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', finish);
        answer.on('error', reject);
      },
    );
    const timer = setTimeout(() => call.destroy(new Error(`no answer in ${MOST_MS} ms: ${method} ${url}`)), MOST_MS);
    signal?.addEventListener('abort', () => call.destroy(new Error('aborted')), { once: true });
    call.on('error', (error) => (clearTimeout(timer), reject(error)));
    call.end(bytes);
  });
};
