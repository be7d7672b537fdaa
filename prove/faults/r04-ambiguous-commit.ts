import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inParallel } from '../harness/pool.ts';
import { countFaults, type Proof } from '../harness/proof.ts';
import { commits } from '../platform/postgres.proxy.ts';
import { openClientLog } from './client.log.ts';
import { judgeWrites } from './judge.ts';
import { settle } from './keyed.client.ts';
import { createWorkload, type Write } from './workload.ts';
import type { Answer } from '../platform/http.ts';

const CLIENTS = 16;
/** One transaction in so many is committed without anybody being told. */
const ONE_IN = 20;

/** Replies of COMMIT are cut off, and clients ask again with the same key. */
export const ambiguousCommit: Proof = {
  id: 'R4',
  title: 'ambiguous commit',
  gate: '0 duplicates, lost writes, answers that changed',
  async run(context) {
    const { platform, random, short } = context;
    const size = short ? 400 : 10_000;
    const workload = await createWorkload(context, 8);
    const folder = mkdtempSync(path.join(tmpdir(), 'atrium-clients-'));
    const log = openClientLog(path.join(folder, 'clients.log'));
    let [transactions, cut, retried] = [0, 0, 0];
    try {
      for (const schema of ['agent', 'billing', 'calendar'])
        platform.postgres[schema]?.judge((statement) => {
          if (!commits(statement)) return 'pass';
          transactions += 1;
          if (random.int(ONE_IN) > 0) return 'pass';
          cut += 1;
          return 'hide';
        });
      const outcomes: { write: Write; answer: Answer | undefined; again: Answer | undefined }[] = [];
      const writes = Array.from({ length: size }, () => workload.write());
      await inParallel(writes, CLIENTS, async (write, at) => {
        const { answer, unknown } = await settle(write, { log, random, withinMs: 30_000 });
        if (unknown > 0) retried += 1;
        const { answer: again } = await settle(write, { log, random, withinMs: 30_000 });
        outcomes.push({ write, answer, again });
        if (at > 0 && at % 2_000 === 0) context.say(`${at} of ${size} requests, ${cut} replies cut`);
      });
      for (const line of Object.values(platform.postgres)) line.judge(undefined);
      const faults = await judgeWrites(workload, outcomes, log);
      if (cut === 0) faults.push('no reply was cut');
      return countFaults(
        faults,
        `${size} keyed requests of ${CLIENTS} clients, each sent again after its answer; ${transactions} transactions, ${cut} replies of COMMIT cut, ${retried} requests had to ask again`,
      );
    } finally {
      for (const line of Object.values(platform.postgres)) line.judge(undefined);
      log.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
