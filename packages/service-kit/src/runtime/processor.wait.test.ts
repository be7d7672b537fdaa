import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { watchProcessorWait } from './processor.wait.ts';

const MS = 1e6;
let folder: string;
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'atrium-schedstat-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('watchProcessorWait', () => {
  it('tells how long the processor was waited for, of each time anew', () => {
    const file = path.join(folder, 'schedstat');
    const say = (ran: number, waited: number): void => writeFileSync(file, `${ran * MS} ${waited * MS} 17\n`);
    say(1_000, 9_000);
    const wait = watchProcessorWait(file);
    const ratios = [
      [1_100, 9_050],
      [1_110, 9_090],
      [1_111, 9_092],
      [1_111, 9_092],
    ].map(([ran = 0, waited = 0]) => {
      say(ran, waited);
      return wait.ratio();
    });
    // The last two did too little to say anything.
    expect(ratios).toEqual([0.5, 4, 0, 0]);
    wait.stop();
  });

  it('says nothing where the system does not tell', () => {
    const wait = watchProcessorWait(path.join(folder, 'nowhere'));
    expect(wait.ratio()).toBe(0);
    wait.stop();
  });

  it('reads what this system tells, if it does', () => {
    const wait = watchProcessorWait();
    const until = performance.now() + 20;
    while (performance.now() < until);
    expect(wait.ratio()).toBeGreaterThanOrEqual(0);
    wait.stop();
  });
});
