import { median, mean, medianInterval, seededRandom } from './statistics.ts';

/** One measured run of one side. */
export interface Sample {
  /** The figure that is compared, in the scenario's unit. */
  readonly figure: number;
  /** CPU time of the side's own processes for one item, in milliseconds. */
  readonly cpuMsPerItem: number;
  /** Why the run does not count; absent when every item was done exactly once. */
  readonly fault?: string;
  /** Further figures of the run, by name. */
  readonly further: Readonly<Record<string, number>>;
}

/** The samples of one round, by side; every side was measured twice. */
export type Round = Readonly<Record<string, readonly Sample[]>>;

/** ABBA for two sides, ABCCBA for three: what drifts during a round falls on every side alike. */
const mirrored = (names: readonly string[]): string[] => [...names, ...names.toReversed()];

/** Measures every side of every round, in mirrored order. */
export const measureRounds = async (options: {
  sides: readonly string[];
  rounds: number;
  measure(side: string): Promise<Sample>;
  say(line: string): void;
}): Promise<Round[]> => {
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const samples: Record<string, Sample[]> = {};
    for (const side of mirrored(options.sides)) {
      const sample = await options.measure(side);
      (samples[side] ??= []).push(sample);
      const fault = sample.fault ? `  DOES NOT COUNT: ${sample.fault}` : '';
      options.say(
        `round ${round}/${options.rounds}  ${side.padEnd(7)} ${sample.figure.toFixed(sample.figure < 100 ? 1 : 0).padStart(8)}${fault}`,
      );
    }
    rounds.push(samples);
  }
  return rounds;
};

const samplesOf = (rounds: readonly Round[], side: string): Sample[] => rounds.flatMap((round) => round[side] ?? []);

/** The first reason why a side gets no score; `undefined` when it has one. */
export const faultOf = (rounds: readonly Round[], side: string): string | undefined =>
  samplesOf(rounds, side).find(({ fault }) => fault !== undefined)?.fault;

/** The median of a side's figure, or of one of its further figures; `undefined` when it was not measured. */
export const figureOf = (rounds: readonly Round[], side: string, further?: string): number | undefined => {
  const figures = samplesOf(rounds, side).flatMap((sample) => {
    const figure = further === undefined ? sample.figure : sample.further[further];
    return figure === undefined ? [] : [figure];
  });
  return figures.length > 0 ? median(figures) : undefined;
};

export const cpuOf = (rounds: readonly Round[], side: string): number | undefined => {
  const figures = samplesOf(rounds, side).map(({ cpuMsPerItem }) => cpuMsPerItem);
  return figures.length > 0 ? median(figures) : undefined;
};

/** Ours divided by another side: the median of the rounds' ratios and its 95 % interval. */
export const ratioOf = (rounds: readonly Round[], other: string): { ratio: number; ci: [number, number] } => {
  const ratios = rounds.map((round) => {
    const of = (side: string): number => mean((round[side] ?? []).map(({ figure }) => figure));
    return of('ours') / of(other);
  });
  return { ratio: median(ratios), ci: medianInterval(ratios, seededRandom(ratios.length)) };
};
