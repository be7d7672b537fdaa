import { readFileSync, readdirSync } from 'node:fs';

/** Memory of a process and all its descendants, in bytes. `pss` counts shared pages once. */
export interface TreeMemory {
  readonly processes: number;
  readonly rss: number;
  readonly pss: number | undefined;
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const kilobytes = (text: string, field: string): number | undefined => {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
};

const parentOf = (pid: number): number => {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
};

const withDescendants = (roots: readonly number[]): number[] => {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const found = new Set(roots);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
};

/** Sums the memory of process trees; `undefined` where the system does not tell (no `/proc`). */
export const treeMemory = (roots: readonly number[]): TreeMemory | undefined => {
  if (process.platform !== 'linux') return undefined;
  const pids = withDescendants(roots);
  const rss = pids.map((pid) => kilobytes(read(`/proc/${pid}/status`), 'VmRSS') ?? 0);
  const pss = pids.map((pid) => kilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss'));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    processes: pids.length,
    rss: sum(rss),
    // Another user's process tells its size but not its shared pages; a partial sum would mislead.
    pss: pss.includes(undefined) ? undefined : sum(pss.map((value) => value ?? 0)),
  };
};
