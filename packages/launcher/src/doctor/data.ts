import { openInstallationBlobs } from '../backup/installation.ts';
import type { CommandContext } from '../command.ts';
import { errorText } from '../failure.ts';
import { readBackupRecord } from '../home/backup.file.ts';
import type { RunRecord } from '../home/run.file.ts';
import { runningUrl } from '../platform/database.access.ts';
import { loadRole } from '../platform/running.roles.ts';
import { sendsMail } from '../roles.env.ts';
import { readFacts } from './database.facts.ts';
import { judgeBackup, judgeSchema, judgeServer, judgeSettings } from './database.rules.ts';
import { ok, problem, type Finding } from './finding.ts';

const DEFAULT_POOL = 10;

const lookAtDatabase = async (context: CommandContext, url: string): Promise<Finding[]> => {
  const { config, table } = context;
  const { kitMigrations } = await import('@atrium/service-kit');
  const definitions = await Promise.all(table.map(loadRole));
  const pool = Number(config.env['DATABASE_POOL']) || DEFAULT_POOL;
  try {
    const { server, schemas } = await readFacts(
      url,
      definitions,
      kitMigrations.map(({ name }) => name),
      pool,
    );
    const work = schemas.flatMap(judgeSchema);
    return [
      ...judgeServer(server),
      ...(work.length > 0 ? work : [ok('work', 'events and jobs are done as they come')]),
    ];
  } catch (error) {
    return [problem('database', `could not be asked: ${errorText(error)}`, 'Look at Postgres above and at its log.')];
  }
};

const lookAtStore = async (context: CommandContext, url: string): Promise<Finding> => {
  try {
    await (await openInstallationBlobs(context, url)).check();
    return ok('file store', 'can be written to');
  } catch (error) {
    return problem('file store', errorText(error), 'Without it documents can neither be uploaded nor downloaded.');
  }
};

/** What the data says: work that does not get on, the server's limits, files, backups. Asks only what runs already. */
export const lookAtData = async (context: CommandContext, run: RunRecord | undefined): Promise<Finding[]> => {
  const { config, home } = context;
  const url = config.databaseUrl ?? (run ? runningUrl(context) : undefined);
  const record = readBackupRecord(home.backupFile);
  const given = (name: string): boolean => Boolean(config.env[name] || config.env[`${name}_FILE`]);
  return [
    ...(url === undefined ? [] : [...(await lookAtDatabase(context, url)), await lookAtStore(context, url)]),
    ...judgeSettings({ mail: sendsMail(config.env), payments: given('STRIPE_SECRET_KEY') }),
    judgeBackup(record && Date.parse(record.at), Date.now()),
  ];
};
