import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { migrate, roleOf } from '@atrium/service-kit';
import { Redis } from 'ioredis';
import pg from 'pg';
import { z } from 'zod';
import { cpuMsOf } from '../../harness/process.tree.ts';
import { measureRounds, type Sample } from '../../harness/rounds.ts';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { startSide, type Side } from '../../harness/side.ts';
import { startServers, type Servers } from '../../infra/servers.ts';
import { createBenchService } from './bench.service.ts';
import { faultInEffects } from './effects.ts';
import { eventsReport } from './events.report.ts';
import { Drained, Paced } from './side.calls.ts';

const programs: Record<string, string> = {
  ours: fileURLToPath(import.meta.resolve('./ours.child.ts')),
  peer: fileURLToPath(import.meta.resolve('./pg-boss.child.ts')),
  floor: fileURLToPath(import.meta.resolve('./bullmq.child.ts')),
};

const PASSWORD = 'only-in-benchmarks';

const asAdmin = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** A database, a Redis and a process that nobody used before; gone afterwards. */
const withFreshSide = async <Result>(
  name: string,
  { servers, context }: { servers: Servers; context: BenchContext },
  work: (side: Side, adminUrl: string) => Promise<Result>,
): Promise<Result> => {
  const database = `bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(servers.adminUrl);
  await asAdmin(servers.adminUrl, (admin) => admin.query(`create database ${database}`));
  url.pathname = `/${database}`;
  const adminUrl = url.href;
  if (name === 'ours') {
    const { definition } = createBenchService(() => undefined);
    await migrate({ adminUrl, services: [definition], passwords: { bench: PASSWORD } });
    [url.username, url.password] = [roleOf('bench'), PASSWORD];
  }
  const redis = new Redis(servers.redisUrl);
  await redis.flushall();
  redis.disconnect();
  const side = await startSide({
    file: programs[name] ?? '',
    env: { PORT: '0', LOG_LEVEL: 'error', DATABASE_URL: url.href, REDIS_URL: servers.redisUrl },
    prefix: context.pinning.sut,
  });
  try {
    return await work(side, adminUrl);
  } finally {
    await side.call('close', {}, z.unknown(), 15_000).catch(() => undefined);
    await side.stop();
    await asAdmin(servers.adminUrl, (admin) => admin.query(`drop database ${database} with (force)`));
  }
};

/** One run: a short one to warm the process up, then the one that counts. A drain begins with all events committed. */
const measureRun = (
  call: 'drain' | 'through',
  name: string,
  count: number,
  parts: { servers: Servers; context: BenchContext },
) =>
  withFreshSide(name, parts, async (side, adminUrl): Promise<Sample> => {
    const { servers } = parts;
    const warm = Math.round(count / 4);
    if (call === 'drain') await side.call('seed', { count: warm }, z.unknown());
    await side.call(call, { count: warm }, Drained);
    if (call === 'drain') await side.call('seed', { count }, z.unknown());
    // Neither the seeding's garbage nor its checkpoint shall fall into the drain.
    await asAdmin(adminUrl, async (admin) => {
      await admin.query('vacuum analyze');
      await admin.query('checkpoint');
    });
    const own = cpuMsOf([side.pid]);
    const below = cpuMsOf([servers.postgresPid, servers.redisPid]);
    const { ms, fault } = await side.call(call, { count }, Drained);
    const cpuMsPerItem = (cpuMsOf([side.pid]) - own) / count;
    const serversMs = (cpuMsOf([servers.postgresPid, servers.redisPid]) - below) / count;
    const table = name === 'ours' ? 'bench.effects' : 'effects';
    const wrong =
      fault ??
      (name === 'floor'
        ? undefined
        : await asAdmin(adminUrl, (admin) => faultInEffects(admin, table, warm + count, { ordered: name === 'ours' })));
    return {
      figure: (count * 1_000) / ms,
      cpuMsPerItem,
      ...(wrong === undefined ? {} : { fault: wrong }),
      further: { serversCpuMs: serversMs },
    };
  });

/** From commit to handled while events come at a steady rate. */
const measurePace = (seconds: number, parts: { servers: Servers; context: BenchContext }) =>
  withFreshSide('ours', parts, async (side, adminUrl) => {
    const perSecond = 500;
    const warm = await side.call('pace', { perSecond, seconds: 2 }, Paced);
    const paced = await side.call('pace', { perSecond, seconds }, Paced);
    const fault = await asAdmin(adminUrl, (admin) =>
      faultInEffects(admin, 'bench.effects', warm.count + paced.count, { ordered: true }),
    );
    return { ...paced, fault };
  });

export const events: Scenario = {
  name: 'events',
  summary: 'commit → handled with an effect that happens exactly once',
  async run(context) {
    const servers = await startServers(context);
    try {
      const parts = { servers, context };
      const count = context.quick ? 5_000 : 20_000;
      const rounds = await measureRounds({
        sides: ['ours', 'peer', 'floor'],
        rounds: context.quick ? 3 : 5,
        measure: (side) => measureRun('drain', side, count, parts),
        say: context.say,
      });
      context.say('one commit an event, from the first commit to the last effect');
      const sent = await measureRounds({
        sides: ['ours', 'peer'],
        rounds: context.quick ? 3 : 5,
        measure: (side) => measureRun('through', side, count / 2, parts),
        say: context.say,
      });
      const paced = await measurePace(context.quick ? 5 : 20, parts);
      return eventsReport({ rounds, sent, paced, count });
    } finally {
      await servers.stop();
    }
  },
};
