import { homeAt, readLauncherConfig, startTestStack } from '@atrium/launcher';
import { readArguments } from './harness/arguments.ts';
import { jsonLine, table } from './harness/report.ts';
import { runProofs } from './harness/run.ts';
import { startPlatform } from './platform/platform.ts';
import { closeProcessPlatforms } from './processes/platform.ts';
import { suites } from './suites.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Starts a platform of its own on a private Postgres and Redis, attacks it, and reports. */
const main = async (words: readonly string[]): Promise<number> => {
  const { suite, chosen, json, short, seed } = readArguments(words, suites);
  const config = readLauncherConfig();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const sharing = chosen.some(({ alone }) => !alone);
  const stack = sharing
    ? await startTestStack({ config, home: homeAt(config.home), say, signal: stop.signal })
    : undefined;
  try {
    if (stack) {
      process.env['TEST_DATABASE_URL'] = stack.databaseUrl;
      process.env['TEST_REDIS_URL'] = stack.redisUrl;
      process.env['TMPDIR'] = stack.temporaryDir;
    }
    // Leaks show in small pools; what fails under faults shall not fail for want of connections.
    const settings = suite.name === 'faults' ? { DATABASE_POOL: '10' } : {};
    const platform = stack && (await startPlatform(settings));
    say(`${suite.name}: ${suite.summary}; seed ${seed}`);
    try {
      const work = runProofs({
        ...{ proofs: chosen, platform, seed, short, say: (line: string) => say(`  ${line}`) },
        ended: (outcome) => {
          if (json) process.stdout.write(`${jsonLine(outcome, seed)}\n`);
          const { proof, pass, seconds, detail } = outcome;
          if (json && !pass) say(detail);
          else if (!json) say(`  ${pass ? 'ok    ' : 'FAILED'} ${proof.id} ${proof.title}, ${seconds.toFixed(1)} s`);
        },
      });
      const stopped = new Promise<never>((_resolve, reject) =>
        stop.signal.addEventListener('abort', () => reject(new Error('stopped before the end'))),
      );
      const outcomes = await Promise.race([work, stopped]);
      if (!json) process.stdout.write(`\n${table(outcomes, seed)}\n`);
      return outcomes.every(({ pass }) => pass) ? 0 : 1;
    } finally {
      await platform?.close();
      await closeProcessPlatforms();
    }
  } finally {
    await stack?.stop();
  }
};

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }),
);
