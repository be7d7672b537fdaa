import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { homeAt, readLauncherConfig, roles } from '@atrium/launcher';
import { z } from 'zod';
import { pssMibOf } from '../../harness/process.tree.ts';
import { figureOf, measureRounds, ratioOf, type Round, type Sample } from '../../harness/rounds.ts';
import type { BenchContext, Report, Scenario } from '../../harness/scenario.ts';
import { startSide } from '../../harness/side.ts';
import { startServers } from '../../infra/servers.ts';
import { startPlatformProcess } from './platform.process.ts';

const PORT_BASE = 18_600;

/** Data that Postgres keeps elsewhere, because its home is closed to the user it runs as. */
const outsideData = (home: string): string | undefined => {
  const { installation } = z
    .object({ installation: z.string() })
    .parse(JSON.parse(readFileSync(homeAt(home).secretsFile, 'utf8')));
  return ['/var/lib', '/var/tmp', '/tmp'].map((base) => path.join(base, `atrium-${installation}`)).find(existsSync);
};

/** A start on empty data, its memory at rest, and a second start on the data that the first one made. */
const measureOurs = async ({ root, env, pinning }: BenchContext, restMs: number): Promise<Sample> => {
  const home = mkdtempSync(path.join(tmpdir(), 'atrium-bench-home-'));
  if (process.getuid?.() === 0) chmodSync(home, 0o711);
  // The programs fetched before: what is measured is the start, not the network.
  const { runtimeDir } = homeAt(readLauncherConfig(env).home);
  symlinkSync(runtimeDir, homeAt(home).runtimeDir);
  const options = { root, home, portBase: PORT_BASE, env, prefix: pinning.all };
  try {
    const cold = await startPlatformProcess(options);
    await sleep(restMs);
    const idleMib = pssMibOf([cold.pid]);
    await cold.stop();
    const warm = await startPlatformProcess(options);
    await warm.stop();
    return {
      figure: cold.seconds,
      cpuMsPerItem: 0,
      ...(cold.roles === roles.length ? {} : { fault: `${cold.roles} of ${roles.length} roles were started` }),
      further: { warmSeconds: warm.seconds, idleMib },
    };
  } finally {
    const outside = existsSync(homeAt(home).secretsFile) ? outsideData(home) : undefined;
    for (const folder of [home, outside]) if (folder) rmSync(folder, { recursive: true, force: true });
  }
};

/** Postgres and Redis alone, from an empty folder. */
const measureFloor = async ({ env, pinning }: BenchContext, restMs: number): Promise<Sample> => {
  const started = performance.now();
  const side = await startSide({
    file: fileURLToPath(import.meta.resolve('./servers.child.ts')),
    env,
    prefix: pinning.all,
  });
  try {
    await side.call('ready', {}, z.boolean(), 60_000);
    const seconds = (performance.now() - started) / 1_000;
    await sleep(restMs);
    return { figure: seconds, cpuMsPerItem: 0, further: { idleMib: pssMibOf([side.pid]) } };
  } finally {
    await side.call('close', {}, z.unknown(), 30_000);
    await side.stop();
  }
};

const mib = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(0)} MiB`);
const seconds = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} s`);

const bootReport = (rounds: readonly Round[], restMs: number): Report => {
  const fault = rounds.flatMap((round) => round.ours ?? []).find((sample) => sample.fault)?.fault;
  const cold = figureOf(rounds, 'ours') ?? Number.NaN;
  const idle = figureOf(rounds, 'ours', 'idleMib') ?? Number.NaN;
  return {
    scenario: 'boot',
    title: 'Boot: ./atrium start on empty data until every role is ready',
    unit: 'seconds',
    better: 'lower',
    ours: fault === undefined ? cold : null,
    ...(fault === undefined ? {} : { fault }),
    peer: null,
    floor: {
      name: 'embedded Postgres and Redis alone',
      figure: figureOf(rounds, 'floor') ?? null,
      ...ratioOf(rounds, 'floor'),
      goal: null,
    },
    limits: [
      { name: 'coldSeconds', label: 'start on empty data', unit: 's', figure: cold, most: 20 },
      { name: 'idleMib', label: 'memory at rest of the whole process tree', unit: 'MiB', figure: idle, most: 1_228.8 },
    ],
    details: [
      { label: 'start on existing data', value: seconds(figureOf(rounds, 'ours', 'warmSeconds')) },
      { label: 'memory at rest, embedded Postgres and Redis alone', value: mib(figureOf(rounds, 'floor', 'idleMib')) },
    ],
    rounds,
    method: [
      `The time runs from the command until all ${roles.length} roles answer "ready"; dependencies and programs are there already.`,
      `Memory is the proportional set size of the process tree with Postgres and Redis, ${restMs / 1_000} s after the start.`,
      'The floor is Postgres and Redis alone, with the process that started them, from an empty folder.',
      'Not pinned: the platform has all cores.',
    ],
  };
};

export const boot: Scenario = {
  name: 'boot',
  summary: 'from ./atrium start to every role ready, and memory at rest',
  async run(context) {
    const restMs = context.quick ? 5_000 : 15_000;
    // Brings the programs that are fetched once.
    await (await startServers(context)).stop();
    const rounds = await measureRounds({
      sides: ['ours', 'floor'],
      rounds: context.quick ? 1 : 3,
      measure: (side) => (side === 'ours' ? measureOurs(context, restMs) : measureFloor(context, restMs)),
      say: context.say,
    });
    return bootReport(rounds, restMs);
  },
};
