import path from 'node:path';
import { slowAnswer, startSlowModel } from '@atrium/testing';
import { countFaults, type Finding, type OwnContext, type OwnProof } from '../harness/proof.ts';
import { timesOf } from '../processes/recovery.ts';
import { onProcesses, peopleWithMoney, type ProcessScene } from '../processes/scene.ts';
import { openClientLog } from './client.log.ts';
import { drained, DRAINED_MS } from './guests.ts';
import { killRoles } from './kills/killer.ts';
import { createRuns } from './kills/runs.ts';
import { createSettling } from './kills/settle.ts';
import { createTransfers } from './kills/transfers.ts';
import { createUploads } from './kills/uploads.ts';
import { unbalanced } from './workload.ts';

const WORDS = 12;
const PAUSE_MS = 30;

interface Plan {
  readonly transfers: number;
  readonly runs: number;
  readonly uploads: number;
  readonly kills: number;
  /** No new work after this; ms. */
  readonly withinMs: number;
}
const LONG: Plan = { transfers: 10_000, runs: 2_000, uploads: 500, kills: 200, withinMs: 10 * 60_000 };
const SHORT: Plan = { transfers: 240, runs: 24, uploads: 8, kills: 6, withinMs: 25_000 };

const underKills = async (context: OwnContext, scene: ProcessScene, plan: Plan): Promise<Finding> => {
  const { platform, random } = scene;
  const [witness, ...people] = await peopleWithMoney(scene, 9);
  if (!witness) throw new Error('nobody is there');
  const log = openClientLog(path.join(platform.servers.folder.temporaryDir, 'clients.log'));
  const settling = createSettling(log, random);
  const { settle } = settling;
  const transfers = createTransfers(platform, people.slice(0, 4), random, settle);
  const runs = createRuns(platform, people.slice(4), random, { settle, text: slowAnswer(WORDS) });
  const uploads = createUploads(platform, people.slice(4), random, settle);
  const until = Date.now() + plan.withinMs;
  const made = { transfers: 0, runs: 0, uploads: 0 };
  const work = (kind: keyof typeof made, clients: number, one: () => Promise<void>): Promise<unknown> =>
    Promise.all(
      Array.from({ length: clients }, async () => {
        while (made[kind] < plan[kind] && Date.now() < until) {
          made[kind] += 1;
          await one();
        }
      }),
    );
  let going = true;
  const load = Promise.all([
    work('transfers', 6, transfers.one),
    work('runs', 4, runs.one),
    work('uploads', 2, uploads.one),
  ]).finally(() => (going = false));
  const total = plan.transfers + plan.runs + plan.uploads;
  const done = (): number => made.transfers + made.runs + made.uploads;
  const killing = killRoles(scene, { ...plan, operations: total, witness, done, going: () => going });
  const progress = setInterval(() => context.say(`${JSON.stringify(made)}, ${settling.unknown} unknown`), 60_000);
  const [kills] = await Promise.all([killing, load]).finally(() => clearInterval(progress));
  const [endedMs, readyMs] = await Promise.all([runs.ended(), uploads.ended()]);
  const faults = [...kills.faults, ...platform.ended()];
  if ((await drained(scene)) === undefined) faults.push(`events were still waiting ${DRAINED_MS} ms later`);
  const wrong = await unbalanced(platform);
  if (wrong !== 0) faults.push(`${wrong} entries or accounts of the books do not add up`);
  const judged = await runs.judge();
  faults.push(...(await transfers.judge()), ...judged.faults, ...(await uploads.judge()));
  log.close();
  const killed = Object.values(kills.killed).reduce((sum, count) => sum + count, 0);
  if (killed === 0) faults.push('nothing was killed');
  return countFaults(
    faults,
    [
      `${killed} kills (${Object.entries(kills.killed)
        .map(([role, count]) => `${count} ${role}`)
        .join(', ')})`,
      `${made.transfers} transfers, ${made.runs} runs (${judged.states}), ${made.uploads} uploads`,
      `${settling.done} requests in ${settling.tries} tries, ${settling.unknown} unknown and settled`,
      `recovery ${timesOf(kills.recoveries)}`,
      `runs ended ${endedMs} ms and documents were ready ${readyMs} ms after the last request`,
    ].join('; '),
  );
};

/** Every role is killed again and again while money moves, runs go on and files are uploaded. */
export const killEverything: OwnProof = {
  id: 'R1',
  alone: true,
  title: 'kill everything',
  gate: '0 lost, doubled, out of balance, runs or holds open, uploads not ready or changed, unknowns unsettled',
  async run(context) {
    const model = await startSlowModel(WORDS, PAUSE_MS);
    const settings = {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: model.url,
      DEFAULT_MODEL: 'fake-model',
      WELCOME_CREDIT: '1000000000',
    };
    try {
      return await onProcesses(context, { settings }, (scene) =>
        underKills(context, scene, context.short ? SHORT : LONG),
      );
    } finally {
      await model.close();
    }
  },
};
