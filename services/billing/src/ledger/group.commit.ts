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

interface Batch {
  /** Whose work it is. */
  readonly owners: ReadonlySet<string>;
  readonly began: number;
}

/**
 * Carries out single pieces of work in batches. What comes while a batch is under way is the next one; so a lone piece
 * goes at once, and under load the batches grow by themselves. One batch at a time is cheapest, as each has a price of
 * its own; another begins beside it only when it takes long, because it waits for a lock or for a slow disk.
 * @param execute carries out a batch and returns one result a piece, in order
 * @param ownerOf work of one owner fights over the same rows: it is never in two batches at once
 * @param touchedBy names of things of the owner; two pieces that touch the same are never in one batch and keep their order
 * @param splits whether a batch that failed with this error is tried piece by piece, so that a bad one fails alone
 * @param atOnce batches under way at most
 * @param patienceMs how long a batch is under way before another begins beside it
 */
export const createGroupCommit = <Item, Result>(options: {
  execute: (batch: readonly Item[]) => Promise<readonly Result[]>;
  ownerOf: (item: Item) => string;
  touchedBy: (item: Item) => readonly string[];
  splits: (error: unknown) => boolean;
  atOnce: number;
  patienceMs: number;
  most: number;
}): GroupCommit<Item, Result> => {
  const { execute, ownerOf, touchedBy, splits, atOnce, patienceMs, most } = options;
  let waiting: Waiting<Item, Result>[] = [];
  const running = new Set<Batch>();
  let gathering = false;
  let patience: NodeJS.Timeout | undefined;
  let whenIdle: (() => void)[] = [];

  /** Takes from the front; what touches something that was taken or passed over stays, and so keeps its order. */
  const take = (): Waiting<Item, Result>[] => {
    const busy = new Set<string>();
    for (const { owners } of running) for (const owner of owners) busy.add(owner);
    const touched = new Set<string>();
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of waiting) {
      const names = batch.length < most && !busy.has(ownerOf(one.item)) ? touchedBy(one.item) : undefined;
      if (names?.every((name) => !touched.has(name))) batch.push(one);
      else rest.push(one);
      for (const name of names ?? []) touched.add(name);
    }
    waiting = rest;
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

  const run = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    const under: Batch = { owners: new Set(batch.map(({ item }) => ownerOf(item))), began: performance.now() };
    running.add(under);
    lookLater();
    await carryOut(batch);
    running.delete(under);
    gather();
    if (running.size > 0 || waiting.length > 0) return;
    for (const tell of whenIdle) tell();
    whenIdle = [];
  };

  /** How long the batch that began last may take yet before another begins; below zero: no time. */
  const patienceLeft = (): number =>
    Math.max(...[...running].map(({ began }) => began)) + patienceMs - performance.now();

  const begin = (): void => {
    gathering = false;
    if (waiting.length === 0 || running.size >= atOnce) return;
    if (running.size > 0 && patienceLeft() > 0) return lookLater();
    const batch = take();
    if (batch.length > 0) void run(batch);
  };

  const gather = (): void => {
    if (gathering || waiting.length === 0) return;
    gathering = true;
    // Whatever else this moment brings comes along.
    setImmediate(begin);
  };

  const lookLater = (): void => {
    if (patience || running.size >= atOnce) return;
    patience = setTimeout(
      () => {
        patience = undefined;
        gather();
      },
      Math.max(1, patienceLeft()),
    );
    patience.unref();
  };

  return {
    submit: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (running.size === 0) gather();
        else lookLater();
      }),
    idle: () =>
      running.size === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => void whenIdle.push(resolve)),
  };
};
