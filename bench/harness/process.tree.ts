import { readdirSync, readFileSync } from 'node:fs';

/** `/proc` counts CPU time in hundredths of a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** Fields of `/proc/<pid>/stat` after the command, which may contain anything (proc_pid_stat(5)). */
const statOf = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // Own user and system time, and that of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid, parent: Number(fields[1]), cpuMs: ticks * MS_PER_TICK };
  } catch {
    return undefined;
  }
};

/** The processes named and everything below them, as they are now. */
const treeOf = (roots: readonly number[]): Stat[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const inside = new Set(roots);
  // Children can have smaller numbers than their parents, so this repeats until nothing is added.
  for (let before = -1; before !== inside.size;) {
    before = inside.size;
    for (const { pid, parent } of all) if (inside.has(parent)) inside.add(pid);
  }
  return all.filter(({ pid }) => inside.has(pid));
};

/** Milliseconds of CPU that the process trees have used so far. */
export const cpuMsOf = (roots: readonly number[]): number => treeOf(roots).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

/** Proportional set size of the process trees in MiB: shared pages are counted once, split among their users. */
export const pssMibOf = (roots: readonly number[]): number => {
  const kib = treeOf(roots).map(({ pid }) => {
    try {
      return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return kib.reduce((sum, one) => sum + one, 0) / 1024;
};
