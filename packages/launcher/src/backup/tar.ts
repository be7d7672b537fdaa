import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { LauncherError, errorText } from '../failure.ts';

/** Whether a name is that of an archive in one file. */
export const isTar = (name: string): boolean => name.endsWith('.tar');

const tar = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('tar', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', (error) =>
      reject(
        new LauncherError(`The program tar cannot be run: ${errorText(error)}`, 'Use a folder instead of a .tar.'),
      ),
    );
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new LauncherError(`tar ended with ${code}: ${said.trim().slice(0, 300)}`)),
    );
  });

/** Packs what is in a folder, and waits until it is on the disk. */
export const packTar = async (folder: string, file: string): Promise<void> => {
  await tar(['-cf', file, '-C', folder, '.']);
  const handle = await open(file, 'r+');
  await handle.sync().finally(() => handle.close());
};

export const unpackTar = (file: string, folder: string): Promise<void> => tar(['-xf', file, '-C', folder]);
