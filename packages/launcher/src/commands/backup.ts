import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { keyCheckOf, openInstallationBlobs, passphraseIn } from '../backup/installation.ts';
import { sealBy } from '../backup/archive.seal.ts';
import { takeBackup } from '../backup/take.backup.ts';
import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { writeBackupRecord } from '../home/backup.file.ts';
import { withDatabase } from '../platform/database.access.ts';

const KEEP = `Not in the backup: the secrets of this installation. Without them sealed columns (second factors, signing keys,
calendar connections) cannot be opened after a restore. Keep a copy of`;

/** Backs up database and files, whether Atrium runs or not. Ends with 1 when files were already missing. */
export const backup: Command = async (context, args) => {
  const { config, home, table, terminal } = context;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'with-secrets': { type: 'boolean', default: false } },
  });
  const [target, ...others] = positionals;
  if (!target || others.length > 0) throw new LauncherError('Say where to', './atrium backup DIR, or FILE.tar');
  const passphrase = passphraseIn(context);
  const seal = passphrase === undefined ? undefined : sealBy(passphrase);
  const withSecrets = seal !== undefined || values['with-secrets'];
  const schemas = table.flatMap(({ schema }) => (schema ? [schema] : []));
  const began = performance.now();
  const manifest = await withDatabase(context, async (adminUrl) =>
    takeBackup({
      adminUrl,
      schemas,
      blobs: await openInstallationBlobs(context, adminUrl),
      target,
      seal,
      secrets: withSecrets ? readFileSync(home.secretsFile, 'utf8') : undefined,
      keyCheck: keyCheckOf(context),
      say: terminal.say,
    }),
  );
  const place = path.resolve(target);
  writeBackupRecord(home.backupFile, { at: manifest.snapshotAt, place });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  terminal.print(`${place}: as of ${manifest.snapshotAt}, in ${seconds} s${seal ? ', encrypted' : ''}`);
  if (!withSecrets)
    terminal.print(
      `${KEEP}\n${home.secretsFile}, or set ATRIUM_BACKUP_PASSPHRASE, which encrypts the backup and takes them in.`,
    );
  if (config.env['DATA_KEYS'] || config.env['DATA_KEYS_FILE']) terminal.print('DATA_KEYS is yours to keep as well.');
  const { missing, damaged } = manifest.blobs;
  for (const key of missing) terminal.print(`MISSING  the file ${key} is named by a document, but not in the store`);
  for (const key of damaged) terminal.print(`DAMAGED  the file ${key} is not what was uploaded`);
  return missing.length + damaged.length > 0 ? 1 : 0;
};
