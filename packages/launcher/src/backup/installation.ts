import { createHash } from 'node:crypto';
import type { BlobStore } from '@atrium/document/blobs';
import type { CommandContext } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { readSecrets } from '../home/secrets.ts';
import { needsOf } from '../platform/platform.ts';
import { dataKeyOf, roleEnv } from '../roles.env.ts';

const PASSPHRASE = 'ATRIUM_BACKUP_PASSPHRASE';

/** The blob store that the document service of this installation uses. */
export const openInstallationBlobs = async (context: CommandContext, adminUrl: string): Promise<BlobStore> => {
  const { config, home, table } = context;
  const role = table.find(({ needs }) => needs.includes('blobs'));
  if (!role) throw new LauncherError('No role here keeps files');
  const { openBlobsOf } = await import('@atrium/document/blobs');
  const redisUrl = config.redisUrl ?? 'redis://127.0.0.1:1';
  const secrets = readSecrets(home.secretsFile, needsOf(table));
  return openBlobsOf(roleEnv(role, { config, home, secrets, backing: { adminUrl, redisUrl }, table }));
};

/**
 * Something that only an installation with the same keys for sealed columns can have. Undefined where the operator
 * brings the keys: they are then not in the home.
 */
export const keyCheckOf = ({ config, home, table }: CommandContext): string | undefined => {
  if (config.env['DATA_KEYS'] || config.env['DATA_KEYS_FILE']) return undefined;
  const key = dataKeyOf({ name: 'backup check' }, readSecrets(home.secretsFile, needsOf(table)));
  return createHash('sha256').update(key).digest('hex');
};

/** @returns the passphrase of backups, from the environment: a command line is seen by everybody on the machine */
export const passphraseIn = ({ config }: Pick<CommandContext, 'config'>): string | undefined =>
  config.setting(PASSPHRASE);
