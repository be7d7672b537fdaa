/** Works through a list, so many at once; the first failure ends it. */
export const inParallel = async <T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, at: number) => Promise<void>,
): Promise<void> => {
  const rest = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of rest) await work(item, at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};
