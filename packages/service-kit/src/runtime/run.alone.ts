import { giveWay } from './give.way.ts';
import type { ServiceDefinition } from './service.ts';

/** Longer than the gateway and the clients of the services keep an idle connection: they close it first. */
const LINGER_MS = 5_500;

/**
 * Runs one role alone, as `main.ts` of a service does: until SIGTERM or SIGINT, then drains and ends. A parent that
 * gave it a channel is told when it is ready.
 */
export const runAlone = async (
  definition: { name: string; givesWay?: boolean; start: ServiceDefinition['start'] },
  env: NodeJS.ProcessEnv,
): Promise<void> => {
  if (definition.givesWay) giveWay();
  try {
    const running = await definition.start(env);
    const stop = (): void => void running.close(LINGER_MS).then(() => process.exit(0));
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    process.send?.('ready');
  } catch (error) {
    process.stderr.write(`${definition.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
};
