import { readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;
const INTERVAL_MS = 100;

/** Resident bytes of a process from /proc (proc_pid_statm(5)); null where there is none, as on macOS. */
const residentBytes = async (pid: number): Promise<number | null> => {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => null);
  const pages = Number(statm?.split(' ')[1]);
  return statm === null || Number.isNaN(pages) ? null : pages * PAGE_BYTES;
};

/**
 * Calls `onExceeded` once when a process holds more than `limitBytes`. The V8 heap limit does not count buffers, so
 * it alone does not bound a parser. Returns a function that ends the watch.
 */
export const watchMemory = (pid: number, limitBytes: number, onExceeded: () => void): (() => void) => {
  const timer = setInterval(() => {
    void residentBytes(pid).then((bytes) => {
      if (bytes === null || bytes <= limitBytes) return;
      clearInterval(timer);
      onExceeded();
    });
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
};
