import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { readSecrets } from '../home/secrets.ts';
import { withDatabase } from '../platform/database.access.ts';
import { needsOf } from '../platform/platform.ts';
import { loadRole } from '../platform/running.roles.ts';
import { roleEnv } from '../roles.env.ts';

const TASK = 'keys rotate';

/** Makes the next signing key; works while Atrium runs, which takes it up by itself. */
export const keys: Command = async (context, args) => {
  const { config, home, terminal, table } = context;
  if (args.join(' ') !== 'rotate') throw new LauncherError('Say what to do', './atrium keys rotate');
  const role = table.find(({ needs }) => needs.includes('jwt-key'));
  const task = role && (await loadRole(role)).tasks?.[TASK];
  if (!task) throw new LauncherError('No role here signs tokens');
  const done = await withDatabase(context, (adminUrl) => {
    const secrets = readSecrets(home.secretsFile, needsOf(table));
    const redisUrl = config.redisUrl ?? 'redis://127.0.0.1:1';
    return task(roleEnv(role, { config, home, secrets, backing: { adminUrl, redisUrl }, table }));
  });
  terminal.print(done);
  return 0;
};
