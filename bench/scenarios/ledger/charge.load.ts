import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOpen, type Worked } from '../../harness/load.ts';
import { cpuMsOf } from '../../harness/process.tree.ts';
import type { Sample } from '../../harness/rounds.ts';
import type { Bank } from './bank.ts';

/** One run through the HTTP API: every answer 2xx, every charge booked once, and the books at zero after it. */
export const measureOurs = async (bank: Bank, seconds: number): Promise<Sample> => {
  const before = await bank.count();
  const [cpu, postgres] = [cpuMsOf([bank.pid]), cpuMsOf([bank.postgresPid])];
  const load = await bank.load(seconds);
  await sleep(300);
  const cpuMs = cpuMsOf([bank.pid]) - cpu;
  const postgresMs = cpuMsOf([bank.postgresPid]) - postgres;
  const after = await bank.count();
  const booked = after.entries - before.entries;
  const missing = load.requests - booked;
  const fault =
    load.failures > 0
      ? `${load.failures} of ${load.requests} requests failed`
      : // Requests under way when the time is up are booked and not counted: at most one a connection.
        missing > 0 || missing < -32
        ? `${load.requests} answers, but ${booked} charges were booked`
        : after.total !== 0
          ? `the postings sum to ${after.total}`
          : after.keys !== after.entries
            ? `${after.keys} keys were kept for ${after.entries} charges`
            : undefined;
  return {
    figure: load.perSecond,
    cpuMsPerItem: cpuMs / load.requests,
    ...(fault === undefined ? {} : { fault }),
    further: { p50Ms: load.p50Ms, p99Ms: load.p99Ms, postgresMs: postgresMs / load.requests },
  };
};

/** One run of a bare function. @param each transfers a transaction */
export const measureBare = async (
  bank: Bank,
  script: 'spread' | 'hot' | 'batched',
  { clients, seconds, each }: { clients: number; seconds: number; each: number },
): Promise<Sample> => {
  const postgres = cpuMsOf([bank.postgresPid]);
  const { perSecond, failed } = await bank.pgbench(bank.files[script], clients, seconds);
  const postgresMs = (cpuMsOf([bank.postgresPid]) - postgres) / (perSecond * seconds * each);
  const { total } = await bank.count();
  const fault = failed > 0 ? `${failed} failed` : total !== 0 ? `the postings sum to ${total}` : undefined;
  return {
    figure: perSecond * each,
    cpuMsPerItem: 0,
    ...(fault === undefined ? {} : { fault }),
    further: { postgresMs },
  };
};

/** Charges at a steady rate, whether or not it keeps up. */
export const measurePace = async (bank: Bank, perSecond: number, seconds: number): Promise<Worked> => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  const charge = (number: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const key = randomUUID();
      const body = JSON.stringify({ reference: key, amount: 1, description: 'bench' });
      const headers = {
        authorization: `Bearer ${bank.tokens[number % bank.tokens.length]}`,
        'content-type': 'application/json',
        'content-length': body.length,
        'idempotency-key': key,
      };
      const call = http.request(bank.address, { method: 'POST', agent, headers }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode === 201 ? 'done' : `HTTP ${answer.statusCode}`));
      });
      call.on('error', reject);
      call.end(body);
    });
  try {
    return await runOpen({ perSecond, seconds }, charge);
  } finally {
    agent.destroy();
  }
};
