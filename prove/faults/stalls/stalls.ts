import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@atrium/testing';
import type { Answer } from '../../platform/http.ts';
import { canary, must, type Person } from '../../platform/people.ts';
import { timeUntil } from '../../processes/recovery.ts';
import type { ProcessScene } from '../../processes/scene.ts';
import { createRuns } from '../kills/runs.ts';

/** One and a half times what a lease lasts. */
export const STALL_MS = 18_000;
const RUNS = 8;
const FILES = 6;
const WORDS = 60_000;
const ENDED_MS = 90_000;
const POLL_MS = 100;

interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly attempts: number;
  readonly progress: number;
}

/** Sends again what nobody could take just then. */
const insist = async (send: () => Promise<Answer>): Promise<Answer> => {
  let answer: Answer | undefined;
  await timeUntil(async () => (answer = await send()).status < 500);
  if (!answer) throw new Error('nothing was sent');
  return answer;
};

/** Work for two processes of each role, and what became of it. @param text what the model answers */
export const createStalls = ({ platform, random }: ProcessScene, person: Person, text: string) => {
  const takenOver: number[] = [];
  const kinds: string[] = [];
  const ended: number[] = [];
  const files: string[] = [];
  const jobs = new Set<string>();
  const runs = createRuns(platform, [person], random, {
    text,
    settle: (_kind, send) => {
      const key = randomUUID();
      return insist(() => send(key));
    },
  });
  const body = Array.from({ length: WORDS }, () => `w${random.int(9_999)}`).join(' ');
  const upload = async (): Promise<void> => {
    // The same text under another name: each must become the same parts.
    const answer = await insist(() => {
      const form = new FormData();
      form.set('file', new Blob([body]), `${canary()}.txt`);
      return person.call('POST', '/documents', form);
    });
    files.push(String(must(answer, 'uploading')['id']));
  };
  const recent = (): Promise<JobRow[]> =>
    platform.database.query<JobRow>(
      `select * from (
         select id, kind, state, attempts, progress from agent.jobs where kind = 'run.execute'
         union all select id, kind, state, attempts, progress from document.jobs where kind = 'version.process') x
       where not id::text = any($1)`,
      [[...jobs]],
    );
  const over = (state: string): boolean => state !== 'queued' && state !== 'running';

  return {
    takenOver,
    ended,
    /** What was in work, in words. */
    begun: () =>
      `${jobs.size - 1} jobs, of which the stalled processes had ${kinds.filter((kind) => kind === 'run.execute').length} runs and ${kinds.filter((kind) => kind !== 'run.execute').length} documents half done`,
    /** One document that nothing happens to, for the others to be compared with. */
    async prepare(): Promise<void> {
      await upload();
      await eventually(async () => (await recent()).every(({ state }) => over(state)), ENDED_MS);
      for (const { id } of await recent()) jobs.add(id);
    },
    async begin(): Promise<void> {
      await Promise.all([
        ...Array.from({ length: RUNS }, () => runs.one()),
        ...Array.from({ length: FILES }, () => upload()),
      ]);
    },
    /** Waits until work of both kinds is under way. */
    async halfDone(): Promise<void> {
      await eventually(async () => {
        const rows = await recent();
        const busy = (kind: string): number =>
          rows.filter((row) => row.kind === kind && row.state === 'running').length;
        return busy('run.execute') >= RUNS / 2 && busy('version.process') > 0;
      }, 30_000);
    },
    /** Follows the work of this round from the moment of the stall until all of it has ended. */
    async watch(): Promise<void> {
      const began = performance.now();
      const before = new Map((await recent()).map((row) => [row.id, row]));
      const again = new Set<string>();
      for (;;) {
        const rows = await recent();
        const passed = performance.now() - began;
        for (const { id, kind, attempts, state } of rows) {
          const known = before.get(id);
          if (known?.state === 'running' && attempts > known.attempts && !again.has(id)) {
            again.add(id);
            takenOver.push(passed);
            kinds.push(kind);
          }
          if (again.has(id) && over(state) && !jobs.has(id)) {
            jobs.add(id);
            ended.push(passed);
          }
        }
        if (rows.every(({ state }) => over(state)) || passed > ENDED_MS) {
          for (const { id } of rows) jobs.add(id);
          return;
        }
        await sleep(POLL_MS);
      }
    },
    async judge(): Promise<string[]> {
      await runs.ended();
      const judged = await runs.judge();
      const faults = [...judged.faults];
      if (!/^\d+ completed$/.test(judged.states)) faults.push(`runs ended otherwise: ${judged.states}`);
      const bad = await platform.database.query<{ what: string }>(
        `select kind || ' is ' || state || ': ' || coalesce(reason, '') as what
         from (select kind, state, reason from agent.jobs union all select kind, state, reason from document.jobs) x
         where kind in ('run.execute', 'version.process') and state <> 'succeeded'
         union all
         select 'a document is ' || status from document.versions
         where document_id = any($1) and status <> 'ready'`,
        [files],
      );
      faults.push(...bad.map(({ what }) => what));
      const parts = await platform.database.query<{ parts: string }>(
        `select distinct count(*) || ' parts, ' || coalesce(md5(string_agg(c.text, '|' order by c.ordinal)), '') as parts
         from document.versions v left join document.chunks c on c.version_id = v.id
         where v.document_id = any($1) group by v.id`,
        [files],
      );
      if (parts.length !== 1) faults.push(`one text became ${parts.map((row) => row.parts).join(' and ')}`);
      return faults;
    },
  };
};
