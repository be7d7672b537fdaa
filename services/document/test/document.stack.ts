import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServiceUnderTest, type ServiceUnderTest } from '@atrium/testing';
import { service as definition } from '../src/service.ts';

/** The document service, running on a folder of its own. */
export interface DocumentStack extends ServiceUnderTest {
  readonly folder: string;
  /** Every file in the folder, unfinished ones too, by path below it. */
  files(): Promise<string[]>;
}

export const startDocumentStack = async (env: NodeJS.ProcessEnv = {}): Promise<DocumentStack> => {
  const folder = await mkdtemp(join(tmpdir(), 'atrium-documents-'));
  const stack = await startServiceUnderTest(definition, { BLOB_DIR: folder, ...env });
  return {
    ...stack,
    folder,
    async files() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort();
    },
    async close() {
      await stack.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
