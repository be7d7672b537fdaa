import path from 'node:path';
import type { Command } from '../command.ts';
import { stopLeftover } from '../embedded/part.ts';
import { readRun } from '../home/run.file.ts';
import { stopProcess } from '../process/process.ts';

/** Longer than the platform's own limit. */
const STOP_MS = 70_000;

/** Stops the platform that runs on this home, or what a killed one left behind. */
export const stop: Command = async ({ home, terminal }) => {
  const run = readRun(home.runFile);
  if (run) {
    terminal.say(`stopping Atrium (pid ${run.process.pid})`);
    const clean = await stopProcess(run.process, 'SIGTERM', STOP_MS);
    terminal.say(clean ? 'stopped' : 'it did not stop in time and was ended by force');
  }
  const redis = await stopLeftover(path.join(home.dir, 'redis.pid.json'), 'SIGTERM');
  const postgres = await stopLeftover(path.join(home.dir, 'postgres.pid.json'), 'SIGINT');
  const left = [...(redis ? ['Redis'] : []), ...(postgres ? ['Postgres'] : [])];
  if (left.length > 0) terminal.say(`stopped what an earlier run left behind: ${left.join(' and ')}`);
  if (!run && left.length === 0) terminal.say(`nothing runs on ${home.dir}`);
  return 0;
};
