/** What the harness sends to a side, and what it gets back. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly value: unknown;
}
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The child's half of side.ts: runs the named function and sends what it returns. Ends with the harness. */
export const answerCalls = (functions: Record<string, (value: unknown) => Promise<unknown>>): void => {
  process.on('message', (message) => {
    const { id, name, value } = message as Call;
    const answer = async (): Promise<Answer> => {
      try {
        const work = functions[name];
        if (!work) throw new Error(`there is no call ${name}`);
        return { id, result: await work(value) };
      } catch (error) {
        return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
    };
    void answer().then((sent) => process.send?.(sent));
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
};
