/** The person at the terminal. Progress goes to standard error, results to standard output. */
export interface Terminal {
  /** A step, with the time since the command was typed. */
  say(line: string): void;
  /** A result, as it is. */
  print(text: string): void;
  /** A problem, with what to do about it. */
  complain(message: string, advice?: string): void;
}

/** @param startedAt epoch milliseconds that the times are counted from */
export const createTerminal = (
  startedAt: number,
  now: () => number,
  streams: { out: NodeJS.WritableStream; err: NodeJS.WritableStream },
): Terminal => ({
  say(line) {
    streams.err.write(`${((now() - startedAt) / 1000).toFixed(1).padStart(6)}s  ${line}\n`);
  },
  print(text) {
    streams.out.write(`${text}\n`);
  },
  complain(message, advice) {
    streams.err.write(`\natrium: ${message}\n${advice ? `        ${advice}\n` : ''}`);
  },
});
