import { parentPort } from 'node:worker_threads';
import { Agent } from 'undici';
import { createRandom } from '../../harness/random.ts';
import type { LoadPlan, LoadRequest, LoadResult } from './load.plan.ts';

interface Tried {
  readonly status: number;
  readonly told: boolean;
}

/** The lightest client there is for Node, since it shares the machine with what it loads. */
const agent = new Agent({ pipelining: 1, keepAliveTimeout: 60_000 });

const attempt = (
  { method, url, body }: LoadRequest,
  token: string,
  key: string,
  patienceMs: number,
  number: number,
): Promise<Tried> =>
  new Promise((resolve) => {
    const target = new URL(url.replaceAll('{n}', String(number)));
    let [status, told] = [0, false];
    const end = (tried: Tried): void => (clearTimeout(timer), resolve(tried));
    let leave = (): void => undefined;
    const timer = setTimeout(() => leave(), patienceMs);
    agent.dispatch(
      {
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': key }),
        },
        body: body?.replaceAll('{n}', String(number)) ?? null,
      },
      {
        onRequestStart: (controller) => void (leave = () => controller.abort(new Error('the client left'))),
        onResponseStart: (_controller, code, headers) => void ([status, told] = [code, 'retry-after' in headers]),
        onResponseData: () => undefined,
        onResponseEnd: () => end({ status, told }),
        onResponseError: () => end({ status: 0, told: false }),
      },
    );
  });

const run = async (plan: LoadPlan): Promise<LoadResult> => {
  const { seconds, requests, tokens, retries = 0, patienceMs = 30_000, seed } = plan;
  const random = createRandom(seed);
  const deck = requests.flatMap((one, kind) => Array.from({ length: one.share }, () => ({ one, kind })));
  const rows: { kind: number; at: number; took: number; answered: number; status: number; told: boolean }[] = [];
  const began = performance.now();
  let [tries, lateMs, sent] = [0, 0, 0];
  const send = async (at: number): Promise<void> => {
    const [{ one, kind }, token] = [random.pick(deck), random.pick(tokens)];
    const number = (sent += 1);
    const key = `load-${seed}-${number}`;
    for (let left = retries; ; left -= 1) {
      tries += 1;
      const since = performance.now();
      const { status, told } = await attempt(one, token, key, patienceMs, number);
      const failed = status === 0 || status >= 429;
      if (failed && left > 0) continue;
      const now = performance.now();
      return void rows.push({ kind, at, took: now - began - at, answered: now - since, status, told });
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
    kind: Uint8Array.from(rows, (row) => row.kind),
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
