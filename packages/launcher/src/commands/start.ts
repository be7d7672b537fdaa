import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandContext } from '../command.ts';
import type { Backing } from '../embedded/backing.ts';
import { LauncherError, errorText, explain } from '../failure.ts';
import { recordBoot } from '../home/boot.file.ts';
import { ensureDemoUser } from '../platform/demo.user.ts';
import { startPlatform, type Platform } from '../platform/platform.ts';
import { roleBlamedFor } from '../platform/running.roles.ts';
import { chooseRoles } from '../roles.ts';
import { banner } from '../terminal/banner.ts';
import { listenForStop } from '../terminal/signals.ts';

/** Longer than any role may take to drain. */
const STOP_MS = 60_000;

/** A failure after the start, from a role's code or from an embedded part. */
const unexpected = (thrown: unknown): LauncherError => {
  const error = explain(thrown);
  if (error instanceof LauncherError) return error;
  const role = roleBlamedFor(error);
  const what = error instanceof Error ? (error.stack ?? error.message) : errorText(error);
  return new LauncherError(`${role ? `The role ${role}` : 'A part of Atrium'} failed: ${what}`);
};

const welcome = async (context: CommandContext, platform: Platform): Promise<void> => {
  const { config, home, terminal } = context;
  const seconds = (Date.now() - config.startedAt) / 1000;
  recordBoot(home.bootFile, config.installed || platform.backing.fresh ? 'cold' : 'warm', seconds, new Date());
  const gateway = platform.urls.gateway;
  const trouble =
    gateway && platform.urls.auth ? await ensureDemoUser(gateway, platform.secrets.demoPassword) : 'not asked for';
  if (gateway && platform.urls.auth && trouble) terminal.say(`the demo user is not available: ${trouble}`);
  terminal.print(banner({ config, home, platform, seconds, demo: trouble === undefined }));
};

/** Starts the platform and keeps it until it is asked to stop or something fails. */
export const start: Command = async (context, args) => {
  const { config, home, terminal, table, migrate } = context;
  const chosen = chooseRoles(args, table);
  const requests = listenForStop(config);
  const failure = Promise.withResolvers<LauncherError>();
  let backing: Backing | undefined;
  process.on('uncaughtException', (error) => failure.resolve(unexpected(error)));

  const run = async (): Promise<number> => {
    let platform: Platform;
    const giveUp = new AbortController();
    void failure.promise.then((error) => giveUp.abort(error));
    try {
      platform = await startPlatform({
        config,
        home,
        table,
        chosen,
        migrate,
        signal: AbortSignal.any([requests.signal, giveUp.signal]),
        say: terminal.say,
        failed: failure.resolve,
        backed: (started) => (backing = started),
      });
    } catch (error) {
      if (!requests.signal.aborted) throw error;
      terminal.say(`start given up (${String(requests.signal.reason)})`);
      return 130;
    }
    await welcome(context, platform);
    const stopped = new Promise<undefined>((resolve) => {
      if (requests.signal.aborted) resolve(undefined);
      requests.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const failed = await Promise.race([failure.promise, stopped]);
    if (failed) terminal.complain(failed.message, failed.advice);
    terminal.say(failed ? 'stopping' : `stopping (${String(requests.signal.reason)}); once more to stop at once`);
    await platform.stop();
    terminal.say('stopped');
    return failed ? 1 : 0;
  };

  const force = async (): Promise<number> => {
    const late = new Promise<void>((resolve) => {
      const begin = (): void => void sleep(STOP_MS, undefined, { ref: false }).then(resolve);
      requests.signal.addEventListener('abort', begin, { once: true });
      void failure.promise.then(begin);
    });
    await Promise.race([requests.forced, late]);
    terminal.say('stopping at once');
    await backing?.kill();
    return 1;
  };
  return Promise.race([run(), force()]);
};
