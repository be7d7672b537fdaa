import type { Command, CommandContext } from '../command.ts';
import { errorText, LauncherError } from '../failure.ts';
import { readServing } from '../home/run.file.ts';
import { startPlatform } from '../platform/platform.ts';
import { listenForStop } from '../terminal/signals.ts';
import { playJourney } from './journey.ts';
import { createNarrator } from './narrator.ts';

const play = async (context: CommandContext, gateway: string): Promise<number> => {
  const started = Date.now();
  const narrator = createNarrator((text) => void process.stdout.write(text));
  try {
    await playJourney(gateway, narrator);
  } catch (error) {
    context.terminal.complain(`The demo stopped: ${errorText(error)}`, `The logs are in ${context.home.logFile}.`);
    return 1;
  }
  context.terminal.print(`\nEvery step was right, in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  return 0;
};

/** The gateway that a person named. @throws LauncherError for what is no address */
const gatewayAt = (address: string): string => {
  const url = URL.parse(address);
  if (url && /^https?:$/.test(url.protocol)) return url.origin;
  throw new LauncherError(`${address} is not an address`, 'Give that of a gateway, such as http://localhost:8000.');
};

/**
 * Plays the product's main journey on the platform whose address is given, or the one that runs here, or one it starts
 * for the purpose.
 */
export const demo: Command = async (context, [address]) => {
  if (address !== undefined) return play(context, gatewayAt(address));
  const { config, home, table, migrate, terminal } = context;
  const running = await readServing(home.runFile, ({ process: { pid }, state }) =>
    terminal.say(`waiting for Atrium, which is ${state} (pid ${pid})`),
  );
  const gateway = running?.urls['gateway'];
  if (gateway) return play(context, gateway);
  terminal.say('nothing runs here yet: starting the platform for the demo');
  const requests = listenForStop(config);
  const platform = await startPlatform({
    config,
    home,
    table,
    chosen: table,
    migrate,
    signal: requests.signal,
    say: terminal.say,
    failed: (error) => terminal.complain(error.message, error.advice),
  });
  try {
    const interrupted = new Promise<number>((resolve) =>
      requests.signal.addEventListener('abort', () => resolve(130), { once: true }),
    );
    return await Promise.race([play(context, platform.urls['gateway'] ?? ''), interrupted]);
  } finally {
    await platform.stop();
  }
};
