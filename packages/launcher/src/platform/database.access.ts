import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { startBacking } from '../embedded/backing.ts';
import { prepareHome } from '../home/home.ts';
import { readJson } from '../home/json.file.ts';
import { claimRun, readRun } from '../home/run.file.ts';
import { readSecrets } from '../home/secrets.ts';
import { LauncherError } from '../failure.ts';
import { needsOf } from './platform.ts';

const Ports = z.object({ postgres: z.int() });

/** The embedded Postgres of a platform that runs. */
export const runningUrl = ({ home, table }: Pick<CommandContext, 'home' | 'table'>): string => {
  const ports = readJson(home.portsFile, Ports);
  if (!ports) throw new LauncherError(`${home.portsFile} does not say where Postgres is`, 'Start Atrium again.');
  const { postgresPassword } = readSecrets(home.secretsFile, needsOf(table));
  return `postgres://postgres:${encodeURIComponent(postgresPassword)}@127.0.0.1:${ports.postgres}/atrium`;
};

/** Starts the embedded Postgres for as long as the work takes. */
const onOwn = async <Result>(context: CommandContext, work: (adminUrl: string) => Promise<Result>): Promise<Result> => {
  const { config, home, terminal, table } = context;
  const claim = await claimRun(home.runFile, new Date());
  try {
    const backing = await startBacking({
      // Only the database is needed; any address keeps an embedded Redis from being started.
      config: { ...config, redisUrl: config.redisUrl ?? 'redis://127.0.0.1:1' },
      home,
      secrets: readSecrets(home.secretsFile, needsOf(table)),
      say: terminal.say,
      failed: () => undefined,
    });
    return await work(backing.adminUrl).finally(() => backing.stop());
  } finally {
    claim.release();
  }
};

/** Works on the database as its administrator: `DATABASE_URL`, or the embedded one, whether Atrium runs or not. */
export const withDatabase = async <Result>(
  context: CommandContext,
  work: (adminUrl: string) => Promise<Result>,
): Promise<Result> => {
  const { config, home } = context;
  await prepareHome(home);
  if (config.databaseUrl) return work(config.databaseUrl);
  return readRun(home.runFile) ? work(runningUrl(context)) : onOwn(context, work);
};
