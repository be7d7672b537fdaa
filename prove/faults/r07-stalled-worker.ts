import { setTimeout as sleep } from 'node:timers/promises';
import { slowAnswer, startSlowModel } from '@atrium/testing';
import { countFaults, type OwnContext, type OwnProof } from '../harness/proof.ts';
import { answers, quantile, timeUntil, timesOf } from '../processes/recovery.ts';
import { onProcesses, peopleWithMoney, type ProcessScene } from '../processes/scene.ts';
import { createStalls, STALL_MS } from './stalls/stalls.ts';
import { unbalanced } from './workload.ts';

const WORDS = 60;
/** The quicker answers end before the stalled process goes on, the slower ones while it does. */
const PAUSES_MS = [50, 150];
const MOST_MS = 15_000;
/** No round is begun after this. */
const WITHIN_MS = 6 * 60_000;
/** What a process that was frozen needs to do what it was about to. */
const ZOMBIE_MS = 6_000;
const STALLED = ['agent-orchestrator', 'document'];

const round = async (scene: ProcessScene, stalls: ReturnType<typeof createStalls>): Promise<void> => {
  const { platform, random } = scene;
  await stalls.begin();
  await stalls.halfDone();
  await sleep(random.int(400));
  for (const role of STALLED) platform.roles[role]?.signal('SIGSTOP');
  const watching = stalls.watch();
  await sleep(STALL_MS);
  for (const role of STALLED) platform.roles[role]?.signal('SIGCONT');
  await sleep(ZOMBIE_MS);
  await watching;
};

const prove = async (context: OwnContext, scene: ProcessScene) => {
  const { platform } = scene;
  const [person] = await peopleWithMoney(scene, 1);
  if (!person) throw new Error('nobody is there');
  const stalls = createStalls(scene, person, slowAnswer(WORDS));
  await stalls.prepare();
  for (const role of STALLED) await platform.another(role);
  const rounds = context.short ? 1 : 6;
  const until = Date.now() + WITHIN_MS;
  let done = 0;
  while (done < rounds && Date.now() < until) {
    await round(scene, stalls);
    done += 1;
    context.say(`round ${done}: taken over ${timesOf(stalls.takenOver)}`);
  }
  const faults = [...(await stalls.judge()), ...platform.ended()];
  for (const role of STALLED) await timeUntil(() => answers(platform, person, role));
  const wrong = await unbalanced(platform);
  if (wrong !== 0) faults.push(`${wrong} entries or accounts of the books do not add up`);
  if (stalls.takenOver.length === 0) faults.push('the stalled processes had nothing in work');
  const p95 = quantile(stalls.takenOver, 0.95);
  if (p95 > MOST_MS) faults.push(`work was taken over after ${p95} ms (p95)`);
  return countFaults(
    faults,
    `${done} of ${rounds} stalls of ${STALL_MS / 1_000} s; ${stalls.begun()}; that was taken over after ${timesOf(stalls.takenOver)}, ended after ${timesOf(stalls.ended)}`,
  );
};

/** A process that works is frozen for longer than its lease, and goes on after another has taken its work. */
export const stalledWorker: OwnProof = {
  id: 'R7',
  alone: true,
  title: 'stalled worker',
  gate: `0 effects lost or doubled, jobs failed; taken over p95 ≤ ${MOST_MS / 1_000} s`,
  async run(context) {
    const model = await startSlowModel(WORDS, () => context.random.pick(PAUSES_MS));
    const settings = {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: model.url,
      DEFAULT_MODEL: 'fake-model',
      WELCOME_CREDIT: '1000000000',
    };
    try {
      return await onProcesses(context, { settings }, (scene) => prove(context, scene));
    } finally {
      await model.close();
    }
  },
};
