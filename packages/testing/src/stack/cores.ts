import { readFileSync } from 'node:fs';

/** The cores this process may use, from Linux's `/proc/self/status` (`0-3,7`). @throws Error on another system */
export const allowedCores = (): number[] => {
  const line = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return line.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
};
