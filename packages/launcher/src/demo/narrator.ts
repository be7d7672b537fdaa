/** Tells the journey: each step, the request that was sent, the answer that came. */
export interface Narrator {
  step(title: string): void;
  sent(method: string, path: string, body?: unknown): void;
  got(status: number, body: unknown): void;
  note(text: string): void;
  /** Part of a streamed answer, as it arrives. */
  stream(text: string): void;
}

/** The demo's own failure: a step whose answer was not what it must be. */
export class WrongStep extends Error {
  override readonly name = 'WrongStep';
}

const SECRET = /token|password/i;
const short = (value: unknown): string => {
  const text = JSON.stringify(value, (name, part: unknown) =>
    SECRET.test(name) && typeof part === 'string' ? `${part.slice(0, 8)}…` : part,
  );
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
};

export const createNarrator = (write: (text: string) => void): Narrator => {
  let number = 0;
  let streaming = false;
  const line = (text: string): void => {
    write(`${streaming ? '\n' : ''}${text}\n`);
    streaming = false;
  };
  return {
    step: (title) => line(`\n${(number += 1)}. ${title}`),
    sent: (method, path, body) => line(`   → ${method} ${path}${body === undefined ? '' : ` ${short(body)}`}`),
    got: (status, body) => line(`   ← ${status} ${short(body)}`),
    note: (text) => line(`   ${text}`),
    stream(text) {
      write(streaming ? text : `   « ${text}`);
      streaming = true;
    },
  };
};

/** Ends the demo when a step is wrong. */
export const must: (condition: unknown, what: string) => asserts condition = (condition, what) => {
  if (!condition) throw new WrongStep(what);
};
