import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is gone at the end of the scope: `using folder = temporaryFolder()`. */
export const temporaryFolder = (): Disposable & { path: string } => {
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-launcher-'));
  // As root, the embedded Postgres runs as another user, who must be able to walk through.
  chmodSync(dir, 0o711);
  return { path: dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
};
