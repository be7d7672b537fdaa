import path from 'node:path';
import type { Command } from '../command.ts';
import { runChild } from '../process/run.child.ts';
import { listenForStop } from '../terminal/signals.ts';
import { startTestStack } from '../test-stack/test.stack.ts';

/** Runs the tests, or those whose path matches a pattern, on a private stack that is gone afterwards. */
export const test: Command = async ({ config, home, terminal }, args) => {
  const requests = listenForStop(config);
  const stack = await startTestStack({ config, home, signal: requests.signal, say: terminal.say });
  try {
    if (requests.signal.aborted) return 130;
    terminal.say('Postgres and Redis for the tests are ready');
    const jest = path.join(config.root, 'node_modules', 'jest', 'bin', 'jest.js');
    const flags = ['--experimental-vm-modules', '--no-warnings'];
    const env = {
      ...config.env,
      TEST_DATABASE_URL: stack.databaseUrl,
      TEST_REDIS_URL: stack.redisUrl,
      TMPDIR: stack.temporaryDir,
    };
    // Jest would keep its cache with the temporary files, which do not outlive the run.
    const cache = `--cacheDirectory=${path.join(config.root, 'node_modules', '.cache', 'jest')}`;
    return await runChild(process.execPath, [...flags, jest, cache, ...args], {
      cwd: config.root,
      env,
      signal: requests.signal,
    });
  } finally {
    await stack.stop();
  }
};
