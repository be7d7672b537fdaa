import { execFileSync } from 'node:child_process';
import { allowedCores } from '@atrium/testing';

/** Cores for a platform and one for what loads it, so that a generator never takes the time of what it measures. */
export interface Cores {
  /** Said with every figure. */
  readonly note: string;
  /** What is started from now on belongs to the platform. */
  forPlatform(): void;
  /** This process, with all of its threads, is the generator. */
  forGenerator(): void;
  /** Everything may run everywhere again. */
  share(): void;
}

const moveTo = (cores: readonly number[]): void => {
  execFileSync('taskset', ['-a', '-p', '-c', cores.join(), String(process.pid)], { stdio: 'ignore' });
};

const shared = (why: string): Cores => {
  const nothing = (): void => undefined;
  return {
    note: `generator on the platform's cores: ${why}`,
    forPlatform: nothing,
    forGenerator: nothing,
    share: nothing,
  };
};

/** The last core for the generator, the others for the platform; where that cannot be had they share, and the note says so. */
export const divideCores = (): Cores => {
  try {
    const all = allowedCores();
    const [last, ...others] = all.toReversed();
    if (last === undefined || others.length === 0) return shared('there is one');
    moveTo(all);
    return {
      note: `platform on ${others.length} of ${all.length} cores, generator on another`,
      forPlatform: () => moveTo(others),
      forGenerator: () => moveTo([last]),
      share: () => moveTo(all),
    };
  } catch {
    return shared('there is no taskset here');
  }
};
