import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Command } from '../command.ts';
import { secretFiles } from '../container/secret.files.ts';
import { LauncherError } from '../failure.ts';
import { readJson, writeJson } from '../home/json.file.ts';
import { readSecrets } from '../home/secrets.ts';
import { needsOf } from '../platform/platform.ts';

const Stores = z.object({
  minioPassword: z.string().min(16),
  s3AccessKey: z.string().min(16),
  s3SecretKey: z.string().min(16),
});

const makeStores = (): z.infer<typeof Stores> => ({
  minioPassword: randomBytes(24).toString('base64url'),
  s3AccessKey: `ATRIUM${randomBytes(10).toString('hex').toUpperCase()}`,
  s3SecretKey: randomBytes(24).toString('base64url'),
});

/**
 * Writes the secrets of a composed installation, a folder a container. What was made once stays, so running it again
 * changes nothing. The files can be read by whatever user a container runs as: it sees its own folder only.
 */
export const secrets: Command = async ({ home, table, terminal }, args) => {
  const [dir, ...others] = args;
  if (!dir || others.length > 0) throw new LauncherError('Name the folder to write to', './atrium secrets DIR');
  mkdirSync(home.dir, { recursive: true, mode: 0o700 });
  const own = readSecrets(home.secretsFile, needsOf(table));
  const storesFile = path.join(home.dir, 'stores.json');
  const stores = readJson(storesFile, Stores) ?? makeStores();
  writeJson(storesFile, stores);
  const folders = secretFiles(table, own, stores);
  for (const [folder, files] of Object.entries(folders)) {
    const to = path.join(path.resolve(dir), folder);
    mkdirSync(to, { recursive: true });
    chmodSync(to, 0o755);
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(to, name);
      rmSync(file, { force: true });
      writeFileSync(file, content, { mode: 0o444 });
    }
  }
  terminal.say(`secrets for ${Object.keys(folders).join(', ')} are in ${dir}`);
  return Promise.resolve(0);
};
