import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const Attribute = z.object({
  key: z.string(),
  value: z.object({
    stringValue: z.string().optional(),
    intValue: z.union([z.number(), z.string()]).optional(),
  }),
});
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  attributes: z.array(Attribute).default([]),
  status: z.object({ code: z.int().optional() }).default({}),
});
const Payload = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});

/** A span as it arrived, with the service it came from. */
export interface ReceivedSpan extends z.infer<typeof Span> {
  service: string;
}

/** A collector on a free port of loopback that keeps the spans it is sent (OTLP 1.x over HTTP with JSON). */
export interface FakeOtlp {
  url: string;
  spans: ReceivedSpan[];
  /** Every body as it came. */
  bodies: string[];
  close(): Promise<void>;
}

const read = async (incoming: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const piece of incoming.setEncoding('utf8')) text += String(piece);
  return text;
};

const spansIn = (body: string): ReceivedSpan[] =>
  Payload.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
  });

export const startFakeOtlp = async (): Promise<FakeOtlp> => {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((incoming, response) => {
    read(incoming)
      .then((body) => {
        if (incoming.url !== '/v1/traces') return response.writeHead(404).end();
        bodies.push(body);
        spans.push(...spansIn(body));
        return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      })
      .catch(() => response.writeHead(400).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
