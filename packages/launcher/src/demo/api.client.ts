import { WrongStep, type Narrator } from './narrator.ts';

/** One event of a streamed answer. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

const parseBlock = (block: string): StreamEvent | undefined => {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const id = fields.get('id') ?? '';
  return { id, event: fields.get('event') ?? 'message', data: JSON.parse(data) as Record<string, unknown> };
};

/** Calls the gateway as a front end would, and tells what it sends and gets. */
export const createApi = (gateway: string, narrator: Narrator) => {
  let token: string | undefined;
  const headers = (more: Record<string, string> = {}): Record<string, string> => ({
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...more,
  });
  const answer = async (response: Response, quiet = false): Promise<Record<string, unknown>> => {
    const body = (await response.json()) as Record<string, unknown>;
    if (!quiet || !response.ok) narrator.got(response.status, body);
    if (!response.ok) throw new WrongStep(`it was answered ${response.status} ${String(body['code'])}`);
    return body;
  };

  return {
    signIn(accessToken: string): void {
      token = accessToken;
    },
    async get(path: string, quiet = false): Promise<Record<string, unknown>> {
      if (!quiet) narrator.sent('GET', path);
      return answer(await fetch(gateway + path, { headers: headers() }), quiet);
    },
    async status(path: string): Promise<number> {
      narrator.sent('GET', path);
      const response = await fetch(gateway + path, { headers: headers() });
      narrator.got(response.status, await response.json());
      return response.status;
    },
    async post(path: string, body: unknown): Promise<Record<string, unknown>> {
      narrator.sent('POST', path, body);
      const more = { 'content-type': 'application/json', ...(token ? { 'idempotency-key': crypto.randomUUID() } : {}) };
      const response = await fetch(gateway + path, {
        method: 'POST',
        headers: headers(more),
        body: JSON.stringify(body),
      });
      return answer(response);
    },
    async upload(path: string, name: string, type: string, bytes: Buffer): Promise<Record<string, unknown>> {
      narrator.sent('POST', path, { file: name, type, bytes: bytes.length });
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(bytes)], { type }), name);
      return answer(await fetch(gateway + path, { method: 'POST', headers: headers(), body: form }));
    },
    /** Reads a stream of server-sent events as they come. */
    async *stream(path: string): AsyncGenerator<StreamEvent> {
      narrator.sent('GET', path);
      const response = await fetch(gateway + path, { headers: headers({ accept: 'text/event-stream' }) });
      if (!response.ok || !response.body) return void (await answer(response));
      let text = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const event = parseBlock(block);
          if (event) yield event;
        }
      }
    },
    /** Asks again until the answer fits; for what happens a moment later. */
    async until(
      path: string,
      fits: (body: Record<string, unknown>) => boolean,
      what: string,
      withinMs = 30_000,
    ): Promise<Record<string, unknown>> {
      narrator.sent('GET', path);
      const end = Date.now() + withinMs;
      for (;;) {
        const body = await this.get(path, true);
        if (fits(body)) {
          narrator.got(200, body);
          return body;
        }
        if (Date.now() > end) {
          narrator.got(200, body);
          throw new WrongStep(what);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
};
export type Api = ReturnType<typeof createApi>;
