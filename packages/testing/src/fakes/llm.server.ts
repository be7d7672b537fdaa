import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_REPLY } from './llm.reply.ts';
import type { FakeAnswer, FakeRefusal, FakeReply, FakeRequest, FakeScript } from './llm.reply.ts';

/** A fake provider on a free port of loopback. */
export interface FakeLlmServer {
  url: string;
  /** Every request so far, in order. */
  requests: FakeRequest[];
  /** What comes next; replaces the script and starts it from its beginning. */
  script(script: FakeScript): void;
  close(): Promise<void>;
}

/** How one vendor speaks. */
export interface Dialect {
  chatPath: string;
  refusal(refusal: FakeRefusal): unknown;
  /** Why the vendor would not accept this request; undefined when it would. */
  reject?(request: FakeRequest): FakeRefusal | undefined;
  /** Sends an answer event by event. */
  stream(answer: FakeAnswer, request: FakeRequest, send: Send): Promise<void>;
  /** Other routes; undefined when there is none at that path. */
  other?(request: FakeRequest): { status: number; body: unknown } | undefined;
  /** An answer that is not streamed. */
  whole?(answer: FakeAnswer, request: FakeRequest): unknown;
}

/** Sends one server-sent event. `event` is its name, where the vendor names them. */
type Send = (data: unknown, event?: string) => Promise<void>;

export const startFakeLlmServer = async (
  dialect: Dialect,
  first: FakeScript = [DEFAULT_REPLY],
): Promise<FakeLlmServer> => {
  const requests: FakeRequest[] = [];
  let script = first;
  let turn = 0;

  const nextReply = (request: FakeRequest): FakeReply => {
    const index = turn;
    turn += 1;
    if (typeof script === 'function') return script(request, index);
    return script[Math.min(index, script.length - 1)] ?? DEFAULT_REPLY;
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request: FakeRequest = {
      path: incoming.url ?? '/',
      headers: incoming.headers,
      body: await readJson(incoming),
      closed: new Promise((resolve) => response.once('close', resolve)),
    };
    requests.push(request);
    if (request.path !== dialect.chatPath) {
      const answer = dialect.other?.(request);
      return json(
        response,
        answer?.status ?? 404,
        answer?.body ?? dialect.refusal({ status: 404, message: 'No such route' }),
      );
    }
    const reply = dialect.reject?.(request) ?? nextReply(request);
    if ('hang' in reply) {
      if (reply.hang === 'after_headers') startStream(response);
      return;
    }
    if ('status' in reply) {
      if (reply.retryAfter !== undefined) response.setHeader('retry-after', String(reply.retryAfter));
      return json(response, reply.status, dialect.refusal(reply));
    }
    if (request.body['stream'] !== true && dialect.whole) return json(response, 200, dialect.whole(reply, request));
    startStream(response);
    await dialect.stream(reply, request, sender(response));
    if (!response.destroyed) response.end();
  };

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      if (error instanceof Cut && error.clean) response.end();
      else response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script(next) {
      script = next;
      turn = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Stops an answer in the middle; `clean` when the connection ends in good order all the same. */
class Cut extends Error {
  override readonly name = 'Cut';
  readonly clean: boolean;

  constructor(clean: boolean) {
    super('The test asked for an answer that stops in the middle');
    this.clean = clean;
  }
}

/** The text parts of an answer with what the test wants between them: a gate, an error event, a break. */
export async function* paced(answer: FakeAnswer, chunks: readonly string[]): AsyncGenerator<string | { error: true }> {
  for (const [index, chunk] of [...chunks, undefined].entries()) {
    if (answer.cutAfter === index) throw new Cut(false);
    if (answer.endAfter === index) throw new Cut(true);
    if (answer.errorAfter === index) {
      yield { error: true };
      return;
    }
    if (chunk !== undefined) yield chunk;
    if (index === 0) await answer.gate?.pass();
  }
}

const sender =
  (response: ServerResponse): Send =>
  async (data, event) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    const flushed = Promise.withResolvers<void>();
    response.write(`${event ? `event: ${event}\n` : ''}data: ${text}\n\n`, () => flushed.resolve());
    await flushed.promise;
  };

const startStream = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
};

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const readJson = async (incoming: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = '';
  for await (const piece of incoming.setEncoding('utf8')) text += String(piece);
  if (text === '') return {};
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
};
