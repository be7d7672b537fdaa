import { Agent, request } from 'node:http';
import { parentPort } from 'node:worker_threads';
import { createRandom } from '../../harness/random.ts';
import type { LoadPlan, LoadRequest, LoadResult } from './load.plan.ts';

interface Tried {
  readonly status: number;
  readonly told: boolean;
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

const attempt = (
  { method, url, body }: LoadRequest,
  token: string,
  key: string,
  patienceMs: number,
  number: number,
): Promise<Tried> =>
  new Promise((resolve) => {
    const text = body?.replaceAll('{n}', String(number));
    const headers = {
      authorization: `Bearer ${token}`,
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), 'idempotency-key': key }),
    };
    const call = request(url.replaceAll('{n}', String(number)), { agent, method, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, told: answer.headers['retry-after'] !== undefined });
      });
      answer.on('error', () => resolve({ status: 0, told: false }));
    });
    const timer = setTimeout(() => call.destroy(), patienceMs);
    call.on('error', () => (clearTimeout(timer), resolve({ status: 0, told: false })));
    call.end(text);
  });

const run = async (plan: LoadPlan): Promise<LoadResult> => {
  const { seconds, requests, tokens, retries = 0, patienceMs = 30_000, seed } = plan;
  const random = createRandom(seed);
  const deck = requests.flatMap((one) => Array.from({ length: one.share }, () => one));
  const rows: { at: number; took: number; answered: number; status: number; told: boolean }[] = [];
  const began = performance.now();
  let [tries, lateMs, sent] = [0, 0, 0];
  const send = async (at: number): Promise<void> => {
    const [kind, token] = [random.pick(deck), random.pick(tokens)];
    const number = (sent += 1);
    const key = `load-${seed}-${number}`;
    for (let left = retries; ; left -= 1) {
      tries += 1;
      const since = performance.now();
      const { status, told } = await attempt(kind, token, key, patienceMs, number);
      const failed = status === 0 || status >= 429;
      if (failed && left > 0) continue;
      const now = performance.now();
      return void rows.push({ at, took: now - began - at, answered: now - since, status, told });
    }
  };
  const until = seconds * 1_000;
  if (plan.clients) {
    const client = async (): Promise<void> => {
      for (let now = 0; now < until; now = performance.now() - began) await send(performance.now() - began);
    };
    await Promise.all(Array.from({ length: plan.clients }, client));
  } else {
    const pause = 1_000 / (plan.perSecond ?? 1);
    const running = new Set<Promise<void>>();
    await new Promise<void>((resolve) => {
      let next = 0;
      const turn = (): void => {
        const now = performance.now() - began;
        for (; next <= now && next < until; next += pause) {
          lateMs = Math.max(lateMs, now - next);
          const work = send(next).finally(() => running.delete(work));
          running.add(work);
        }
        if (next >= until) resolve();
        else setTimeout(turn, 1);
      };
      turn();
    });
    await Promise.all(running);
  }
  return {
    at: Float64Array.from(rows, (row) => row.at),
    took: Float64Array.from(rows, (row) => row.took),
    answered: Float64Array.from(rows, (row) => row.answered),
    status: Int16Array.from(rows, (row) => row.status),
    told: Uint8Array.from(rows, (row) => Number(row.told)),
    tries,
    lateMs,
  };
};

parentPort?.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => parentPort?.postMessage({ result }),
    (error: unknown) => parentPort?.postMessage({ failure: String(error) }),
  );
});
