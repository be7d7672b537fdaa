import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openArchive, type ArchiveReader } from '../backup/archive.reader.ts';
import { forgetQueues } from '../backup/forget.queues.ts';
import { keyCheckOf, openInstallationBlobs, passphraseIn } from '../backup/installation.ts';
import { restoreBackup } from '../backup/restore.backup.ts';
import type { Command, CommandContext } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { prepareHome } from '../home/home.ts';
import { readRun } from '../home/run.file.ts';
import { readSecrets } from '../home/secrets.ts';
import { withDatabase } from '../platform/database.access.ts';
import { rolePasswords } from '../platform/migrate.ts';
import { needsOf } from '../platform/platform.ts';
import { loadRole } from '../platform/running.roles.ts';

const verifyOnly = async ({ terminal }: CommandContext, archive: ArchiveReader): Promise<number> => {
  const damaged = await archive.damaged();
  for (const name of damaged) terminal.print(`DAMAGED  ${name} is not what was written`);
  const { schemas, blobs, snapshotAt, books } = archive.manifest;
  const rows = schemas.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
  const unbalanced = books.ledger.filter(({ total }) => total !== '0');
  for (const { currency, total } of unbalanced)
    terminal.print(`UNBALANCED  the postings in ${currency} sum to ${total}`);
  terminal.print(
    `as of ${snapshotAt}: ${rows} rows, ${blobs.count} files${damaged.length > 0 ? '' : '; every hash is right'}`,
  );
  return damaged.length + unbalanced.length > 0 ? 1 : 0;
};

/** The secrets of the backup become those of a new home; an existing home has to have the same already. */
const bringSecrets = async (context: CommandContext, archive: ArchiveReader): Promise<void> => {
  const { home, terminal } = context;
  const { secrets, keyCheck } = archive.manifest;
  await prepareHome(home);
  const kept = existsSync(home.secretsFile);
  if (!kept && secrets === undefined && keyCheck !== undefined) {
    throw new LauncherError(
      'The backup has no secrets',
      `Put the secrets.json that belongs to it to ${home.secretsFile}.`,
    );
  }
  if (secrets !== undefined && !kept) {
    writeFileSync(home.secretsFile, await text(await archive.open(secrets)), { mode: 0o600 });
    terminal.say('the secrets of the backup are those of this home now');
  } else if (
    secrets !== undefined &&
    readFileSync(home.secretsFile, 'utf8') !== (await text(await archive.open(secrets)))
  ) {
    throw new LauncherError(
      `${home.dir} has other secrets than the backup`,
      'Restore into a new ATRIUM_HOME: the database of this one is locked with its own.',
    );
  }
  const own = keyCheckOf(context);
  if (keyCheck !== undefined && own !== undefined && own !== keyCheck) {
    throw new LauncherError(
      `The keys of ${home.dir} do not open what is sealed in the backup`,
      `Put the secrets.json of the installation that was backed up to ${home.secretsFile} first.`,
    );
  }
};

/** Puts a backup back, or only checks it. */
export const restore: Command = async (context, args) => {
  const { config, home, table, terminal } = context;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      verify: { type: 'boolean', default: false },
      replace: { type: 'boolean', default: false },
      'secrets-only': { type: 'boolean', default: false },
    },
  });
  const [source, ...others] = positionals;
  if (!source || others.length > 0) throw new LauncherError('Name the backup', './atrium restore DIR, or FILE.tar');
  const archive = await openArchive(source, passphraseIn(context));
  try {
    if (values.verify) return await verifyOnly(context, archive);
    if (readRun(home.runFile)) throw new LauncherError('Atrium is running here', 'Stop it with ./atrium stop first.');
    await bringSecrets(context, archive);
    if (values['secrets-only']) return 0;
    const definitions = await Promise.all(table.map(loadRole));
    const report = await withDatabase(context, async (adminUrl) => {
      const passwords = rolePasswords(config, readSecrets(home.secretsFile, needsOf(table)));
      return restoreBackup({
        archive,
        adminUrl,
        definitions,
        migrate: (url, only) => context.migrate({ adminUrl: url, definitions, passwords, only }),
        blobs: await openInstallationBlobs(context, adminUrl),
        replace: values.replace,
        say: terminal.say,
      });
    });
    if (config.redisUrl) await forgetQueues(config.redisUrl, config.env['QUEUE_PREFIX'] || 'atrium');
    else if (existsSync(home.redisDir)) renameSync(home.redisDir, `${home.redisDir}.before-${Date.now()}`);
    const { snapshotAt } = archive.manifest;
    const lost = (config.startedAt - Date.parse(snapshotAt)) / 1000;
    const took = (Date.now() - config.startedAt) / 1000;
    terminal.print(`restored ${report.rows} rows and ${report.files} files, as of ${snapshotAt}`);
    terminal.print(`recovery point: ${lost.toFixed(1)} s before this restore; recovery time: ${took.toFixed(1)} s`);
    if (report.migrated.length > 0) terminal.print(`then brought up to date (${report.migrated.length} migrations)`);
    if (report.former) terminal.print(`what was there is the database ${report.former}; drop it when you are sure`);
    return 0;
  } finally {
    await archive.close();
  }
};
