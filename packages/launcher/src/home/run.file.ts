import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { LauncherError, errorCode } from '../failure.ts';
import { isRunning, refer, type ProcessRef } from '../process/process.ts';
import { readJson, writeJson } from './json.file.ts';

const RunRecord = z.object({
  process: z.object({ pid: z.int(), began: z.string() }),
  state: z.enum(['starting', 'ready', 'stopping']),
  startedAt: z.iso.datetime(),
  /** Where each role answers, by role. */
  urls: z.record(z.string(), z.string()),
});
/** What a running platform says of itself to other commands. */
export type RunRecord = z.infer<typeof RunRecord>;

/** The platform that runs on this home; `undefined` when none does, whatever an old file says. */
export const readRun = (file: string): RunRecord | undefined => {
  const record = readJson(file, RunRecord);
  return record && isRunning(record.process) ? record : undefined;
};

/**
 * The platform that serves on this home: waits for one that is just starting or stopping.
 * @param waits told of it once
 */
export const readServing = async (file: string, waits: (record: RunRecord) => void): Promise<RunRecord | undefined> => {
  let record = readRun(file);
  if (record && record.state !== 'ready') waits(record);
  while (record && record.state !== 'ready') {
    await sleep(100);
    record = readRun(file);
  }
  return record;
};

const samePlace = (a: ProcessRef | undefined, b: ProcessRef): boolean => a?.pid === b.pid && a.began === b.began;

const alreadyRunning = (record: RunRecord | undefined): LauncherError => {
  const what = record ? ` (pid ${record.process.pid}, ${record.state} since ${record.startedAt})` : '';
  const where = record?.urls.gateway ? ` at ${record.urls.gateway}` : '';
  return new LauncherError(
    `Atrium is already running here${what}${where}`,
    'Stop it with ./atrium stop, or give a second one its own ATRIUM_HOME and ATRIUM_PORT_BASE.',
  );
};

/** The claim of this process on a home. */
export interface RunClaim {
  update(change: Partial<Omit<RunRecord, 'process' | 'startedAt'>>): void;
  release(): void;
}

/** Moves a dead process's file away; if a living one claimed the home in between, its file is put back. */
const clearStale = (file: string, temporary: string): void => {
  const aside = `${temporary}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readJson(aside, RunRecord);
  if (moved && isRunning(moved.process)) {
    renameSync(aside, file);
    throw alreadyRunning(moved);
  }
  rmSync(aside);
};

/**
 * Claims a home for this process. Of several that try at once, one succeeds.
 * @throws LauncherError naming the process that has it
 */
export const claimRun = async (file: string, now: Date): Promise<RunClaim> => {
  const self = refer(process.pid);
  if (!self) throw new Error('this process cannot see itself in the process table');
  let record: RunRecord = { process: self, state: 'starting', startedAt: now.toISOString(), urls: {} };
  const running = readRun(file);
  if (running) throw alreadyRunning(running);
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    clearStale(file, temporary);
    writeJson(temporary, record);
    linkSync(temporary, file);
  } catch (error) {
    throw errorCode(error) === 'EEXIST' ? alreadyRunning(readRun(file)) : error;
  } finally {
    rmSync(temporary, { force: true });
  }
  await sleep(30);
  const kept = readRun(file);
  if (!samePlace(kept?.process, self)) throw alreadyRunning(kept);
  return {
    update(change) {
      record = { ...record, ...change };
      writeJson(file, record);
    },
    release() {
      if (samePlace(readJson(file, RunRecord)?.process, self)) rmSync(file, { force: true });
    },
  };
};
