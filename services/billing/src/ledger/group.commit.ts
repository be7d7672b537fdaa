/** Work that is collected and carried out many at a time. */
export interface GroupCommit<Item, Result> {
  submit(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting or under way. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane<Item, Result> {
  waiting: Waiting<Item, Result>[];
  running: boolean;
}

/**
 * Carries out single pieces of work in batches. A lane runs one batch at a time, and what comes meanwhile is the next;
 * so a lone piece goes at once, and under load the batches grow by themselves: there is no timer to wait for.
 * @param execute carries out a batch and returns one result a piece, in order
 * @param laneOf work of one lane never overlaps, so pieces that fight over the same rows belong in one
 * @param touchedBy names of things; two pieces that touch the same are never in one batch and keep their order
 * @param splits whether a batch that failed with this error is tried piece by piece, so that a bad one fails alone
 */
export const createGroupCommit = <Item, Result>(options: {
  execute: (batch: readonly Item[]) => Promise<readonly Result[]>;
  lanes: number;
  laneOf: (item: Item) => number;
  touchedBy: (item: Item) => readonly string[];
  splits: (error: unknown) => boolean;
  most: number;
}): GroupCommit<Item, Result> => {
  const { execute, touchedBy, splits, most } = options;
  const lanes = Array.from({ length: options.lanes }, (): Lane<Item, Result> => ({
    waiting: [],
    running: false,
  }));
  let whenIdle: (() => void)[] = [];

  /** Takes from the front; what touches something that was taken or passed over stays, and so keeps its order. */
  const take = (lane: Lane<Item, Result>): Waiting<Item, Result>[] => {
    const touched = new Set<string>();
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of lane.waiting) {
      const names = batch.length < most ? touchedBy(one.item) : undefined;
      if (names?.every((name) => !touched.has(name))) batch.push(one);
      else rest.push(one);
      for (const name of names ?? []) touched.add(name);
    }
    lane.waiting = rest;
    return batch;
  };

  const carryOut = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await execute(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, place) => {
        const result = results[place];
        if (result === undefined) reject(new Error('a batch returned fewer results than it was given pieces'));
        else resolve(result);
      });
    } catch (error) {
      if (batch.length > 1 && splits(error)) for (const one of batch) await carryOut([one]);
      else for (const { reject } of batch) reject(error);
    }
  };

  const run = async (lane: Lane<Item, Result>): Promise<void> => {
    lane.running = true;
    while (lane.waiting.length > 0) {
      // Whatever else this moment brings comes along.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = take(lane);
      await carryOut(batch);
    }
    lane.running = false;
    if (lanes.every(({ running }) => !running)) {
      for (const tell of whenIdle) tell();
      whenIdle = [];
    }
  };

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        const lane = lanes[options.laneOf(item) % lanes.length];
        if (!lane) throw new Error('a group commit needs at least one lane');
        lane.waiting.push({ item, resolve, reject });
        if (!lane.running) void run(lane);
      }),
    idle: () =>
      lanes.every(({ running }) => !running)
        ? Promise.resolve()
        : new Promise((resolve) => void whenIdle.push(resolve)),
  };
};
