import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SlowModel {
  /** What a client takes as base URL. */
  readonly url: string;
  /** How many answers were begun. */
  readonly asked: number;
  close(): Promise<void>;
}

/** What it says. */
export const slowAnswer = (words: number): string =>
  Array.from({ length: words }, (_, at) => `word${at + 1} `).join('');

/** Speaks Chat Completions, a word every `pauseMs` (or what it gives for each answer), the same words each time: long enough for things to happen meanwhile. */
export const startSlowModel = async (words: number, pauseMs: number | (() => number)): Promise<SlowModel> => {
  let asked = 0;
  const server = createServer((req, res) => {
    asked += 1;
    const answer = async (): Promise<void> => {
      const pause = typeof pauseMs === 'number' ? pauseMs : pauseMs();
      for await (const chunk of req) void chunk;
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const send = (choice: object, more = {}): boolean =>
        res.write(
          `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'slow', choices: [choice], ...more })}\n\n`,
        );
      for (let word = 1; word <= words && !res.destroyed; word += 1) {
        send({ index: 0, delta: { content: `word${word} ` }, finish_reason: null });
        await sleep(pause);
      }
      send({ index: 0, delta: {}, finish_reason: 'stop' });
      res.end(
        `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'slow', choices: [], usage: { prompt_tokens: 9, completion_tokens: words, total_tokens: words + 9 } })}\n\ndata: [DONE]\n\n`,
      );
    };
    // Whoever hangs up in the middle ends this answer, nothing else.
    void answer().catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get asked() {
      return asked;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
