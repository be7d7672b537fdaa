import { causeOf, headersOf, type RollingClient } from './rolling.client.ts';

export interface StreamReport {
  /** Answers that were read to their end. */
  ended: number;
  /** How often a stream ended early and was taken up where it stopped. */
  resumed: number;
  /** Streams that could not be taken up, and texts that differ from what is stored: why. */
  lost: string[];
}

const MOST_TRIES = 200;

interface Reading {
  text: string;
  lastId: string | undefined;
  end: string | undefined;
}

const readBlock = (reading: Reading, block: string): void => {
  const fields = new Map(
    block.split('\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 2)]),
  );
  const event = fields.get('event');
  if (!event) return;
  reading.lastId = fields.get('id') ?? reading.lastId;
  const data = JSON.parse(fields.get('data') ?? '{}') as { text?: string };
  if (event === 'run.restarted') reading.text = '';
  if (event === 'text.delta') reading.text += data.text ?? '';
  if (/^run\.(completed|failed|cancelled)$/.test(event)) reading.end = event;
};

/** Reads until the stream ends, for whatever reason; what is half-way in at the end is asked for again. */
const readOnce = async (client: RollingClient, path: string, reading: Reading): Promise<void> => {
  const more: Record<string, string> = { accept: 'text/event-stream' };
  if (reading.lastId !== undefined) more['last-event-id'] = reading.lastId;
  const answer = await fetch(`${client.gateway}/api/v1${path}`, { headers: headersOf(client, more) });
  if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 120)}`);
  let waiting = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    waiting += chunk;
    const blocks = waiting.split('\n\n');
    waiting = blocks.pop() ?? '';
    for (const block of blocks) readBlock(reading, block);
    if (reading.end !== undefined) return;
  }
};

const post = async (client: RollingClient, path: string, body: unknown): Promise<Record<string, unknown>> => {
  const answer = await fetch(`${client.gateway}/api/v1${path}`, {
    method: 'POST',
    headers: headersOf(client, { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${text.slice(0, 120)}`);
  return JSON.parse(text) as Record<string, unknown>;
};

/** Holds so many conversations at a time, each answer read as a stream, resumed by Last-Event-ID when it ends early. */
export const startStreams = (client: RollingClient, atOnce: number) => {
  const report: StreamReport = { ended: 0, resumed: 0, lost: [] };
  let going = true;

  const follow = async (): Promise<void> => {
    const conversation = String((await post(client, '/conversations', {}))['id']);
    const sent = await post(client, `/conversations/${conversation}/messages`, { text: 'Tell me something long' });
    const run = (sent['run'] as { id: string }).id;
    const reading: Reading = { text: '', lastId: undefined, end: undefined };
    for (let tries = 0; reading.end === undefined; tries += 1) {
      if (tries > 0) report.resumed += 1;
      if (tries > MOST_TRIES) throw new Error(`${run} was resumed ${tries} times and did not end`);
      // A connection that breaks off is a stream that ended early; a refusal is a failure.
      await readOnce(client, `/runs/${run}/events`, reading).catch((error: unknown) => {
        if (/^\d{3} /.test((error as Error).message)) throw error;
        report.lost.push(`${run} broke off: ${causeOf(error)}`);
      });
    }
    const answer = await fetch(`${client.gateway}/api/v1/conversations/${conversation}/messages`, {
      headers: headersOf(client),
    });
    const messages = ((await answer.json()) as { data: { role: string; text: string }[] }).data;
    const stored = messages.find(({ role }) => role === 'assistant')?.text;
    if (reading.end !== 'run.completed') report.lost.push(`${run} ended with ${reading.end}`);
    else if (stored !== reading.text)
      report.lost.push(`${run}: ${reading.text.length} of ${stored?.length} characters`);
    else report.ended += 1;
  };
  const all = Array.from({ length: atOnce }, async () => {
    while (going) await follow().catch((error: unknown) => void report.lost.push(causeOf(error)));
  });
  return {
    async stop(): Promise<StreamReport> {
      going = false;
      await Promise.all(all);
      return report;
    },
  };
};
