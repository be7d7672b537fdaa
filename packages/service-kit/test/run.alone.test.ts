import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { describe, expect, it } from '@jest/globals';

const KIT = import.meta.resolve('../src/runtime/run.alone.ts');

/** The priority that a role of its own process has when it starts. @param given to the process before */
const priorityOf = (givesWay: boolean, given = getPriority()): number =>
  Number(
    execFileSync(process.execPath, [
      ...['--no-warnings', '--input-type=module', '--eval'],
      `import { getPriority, setPriority } from 'node:os';
       import { runAlone } from '${KIT}';
       setPriority(${given});
       const start = async () => {
         process.stdout.write(String(getPriority()));
         process.exit(0);
       };
       await runAlone({ name: 'role', givesWay: ${givesWay}, start }, {});`,
    ]),
  );

describe('a role in a process of its own', () => {
  it('lets others have the processors first when it is a service, and not when it is the gateway', () => {
    const own = getPriority();
    expect([priorityOf(true), priorityOf(false)]).toEqual([Math.max(own, 5), own]);
  });

  it('stays where it was when that is lower still', () => {
    const low = Math.max(getPriority(), 12);
    expect(priorityOf(true, low)).toBe(low);
  });
});
