import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a client means to do, or learned. */
interface LogLine {
  readonly key: string;
  readonly kind: string;
  /** `intent` before a call; then what came of it. */
  readonly said: 'intent' | 'answer' | 'unknown';
  readonly status?: number;
  readonly text?: string;
}

/** What clients know, on disk before they act, so that it survives whoever writes it. */
export interface ClientLog {
  /** Written and synced when this returns. */
  write(line: LogLine): void;
  read(): LogLine[];
  close(): void;
}

export const openClientLog = (file: string): ClientLog => {
  const handle = openSync(file, 'a');
  return {
    write(line) {
      writeSync(handle, `${JSON.stringify(line)}\n`);
      fsyncSync(handle);
    },
    read: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as LogLine),
    close: () => closeSync(handle),
  };
};
