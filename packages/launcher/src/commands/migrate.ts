import type { Command, CommandContext } from '../command.ts';
import { startBacking } from '../embedded/backing.ts';
import { LauncherError } from '../failure.ts';
import { prepareHome } from '../home/home.ts';
import { claimRun, readRun } from '../home/run.file.ts';
import { readSecrets } from '../home/secrets.ts';
import { rolePasswords } from '../platform/migrate.ts';
import { needsOf } from '../platform/platform.ts';
import { loadRole } from '../platform/running.roles.ts';

const bringUpToDate = async (context: CommandContext, adminUrl: string): Promise<string[]> => {
  const { config, home, table } = context;
  const definitions = await Promise.all(table.map(loadRole));
  const secrets = readSecrets(home.secretsFile, needsOf(table));
  return context.migrate({ adminUrl, definitions, passwords: rolePasswords(config, secrets) });
};

const onEmbedded = async (context: CommandContext): Promise<string[]> => {
  const { config, home, terminal, table } = context;
  if (readRun(home.runFile)) {
    throw new LauncherError('Atrium is running here and brought its database up to date when it started');
  }
  const claim = await claimRun(home.runFile, new Date());
  try {
    const secrets = readSecrets(home.secretsFile, needsOf(table));
    // Only the database is needed; any address keeps an embedded Redis from being started.
    const databaseOnly = { ...config, redisUrl: config.redisUrl ?? 'redis://127.0.0.1:1' };
    const backing = await startBacking({
      config: databaseOnly,
      home,
      secrets,
      say: terminal.say,
      failed: () => undefined,
    });
    try {
      return await bringUpToDate(context, backing.adminUrl);
    } finally {
      await backing.stop();
    }
  } finally {
    claim.release();
  }
};

/** Brings every schema up to date, on `DATABASE_URL` or on the embedded Postgres. */
export const migrate: Command = async (context) => {
  await prepareHome(context.home);
  const { databaseUrl } = context.config;
  const done = databaseUrl ? await bringUpToDate(context, databaseUrl) : await onEmbedded(context);
  for (const name of done) context.terminal.print(name);
  context.terminal.say(done.length > 0 ? `${done.length} migrations were run` : 'the database is up to date');
  return 0;
};
