import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { homeAt, readLauncherConfig } from '@atrium/launcher';
import { makeIdentity, startTokenIssuer } from '@atrium/testing';
import { z } from 'zod';
import { cpuMsOf } from '../../harness/process.tree.ts';
import { measureRounds, type Sample } from '../../harness/rounds.ts';
import type { BenchContext } from '../../harness/scenario.ts';
import { startSide, type Side } from '../../harness/side.ts';
import { startServers } from '../../infra/servers.ts';
import { findWrk, type Wrk } from '../../infra/wrk.ts';

const program = (name: string): string => fileURLToPath(import.meta.resolve(name));

/** A gateway under test. */
export interface Door {
  readonly pid: number;
  readonly url: string;
}

/** Sees that a gateway lets nobody in without a valid token; one that does would be compared unfairly. */
const faultInChecks = async (url: string, token: string): Promise<string | undefined> => {
  const broken = `${token.slice(0, -6)}AAAAAA`;
  for (const [what, header] of [
    ['none', ''],
    ['a forged one', `Bearer ${broken}`],
  ] as const) {
    const answer = await fetch(url, { headers: header ? { authorization: header } : {} });
    await answer.body?.cancel();
    if (answer.status !== 401) return `answered ${answer.status} instead of 401 to a request with token: ${what}`;
  }
  return undefined;
};

/** One run: every request must be answered 2xx, and every answer must have come from the upstream. */
const measureLoad = async (
  door: Door,
  parts: { wrk: Wrk; upstream: Side; seconds: number; headers: Record<string, string>; fault: string | undefined },
): Promise<Sample> => {
  const { wrk, upstream, seconds, headers } = parts;
  const url = `${door.url}/api/v1/documents?limit=10`;
  await wrk(url, 1, headers);
  await sleep(200);
  const before = await upstream.call('served', {}, z.int());
  const cpu = cpuMsOf([door.pid]);
  const load = await wrk(url, seconds, headers);
  await sleep(200);
  const cpuMs = cpuMsOf([door.pid]) - cpu;
  const served = (await upstream.call('served', {}, z.int())) - before;
  // Requests under way when the time is up are served and not counted: at most one a connection.
  const missing = load.requests - served;
  const fault =
    parts.fault ??
    (load.failures > 0
      ? `${load.failures} of ${load.requests} requests failed`
      : missing > 0 || missing < -32
        ? `${load.requests} answers, but the upstream served ${served}`
        : undefined);
  return {
    figure: load.perSecond,
    cpuMsPerItem: cpuMs / load.requests,
    ...(fault === undefined ? {} : { fault }),
    further: { p50Ms: load.p50Ms, p99Ms: load.p99Ms },
  };
};

/** The one page that is asked for. */
const PAGE = '/api/v1/documents?limit=10';

/** Starts what every gateway is measured with: an upstream, tokens, the load generator, and our own gateway. */
export const setGatewayStage = async (context: BenchContext, undo: AsyncDisposableStack) => {
  const { pinning, env, say, quick } = context;
  const { runtimeDir } = homeAt(readLauncherConfig(env).home);
  const wrk = await findWrk(runtimeDir, say);
  const servers = await startServers(context);
  undo.defer(() => servers.stop());
  const issuer = await startTokenIssuer();
  undo.defer(() => issuer.close());
  const upstream = await startSide({ file: program('./upstream.child.ts'), env: {} });
  undo.defer(() => upstream.stop());
  const address = await upstream.call('address', {}, z.string());
  const target = `http://${address}`;

  const startNode = async (file: string, settings: NodeJS.ProcessEnv): Promise<Door> => {
    const side = await startSide({ file: program(file), env: settings, prefix: pinning.sut });
    undo.defer(() => side.stop());
    return { pid: side.pid, url: await side.call('url', {}, z.string()) };
  };
  const urls = Object.fromEntries(['AGENT', 'DOCUMENT', 'BILLING', 'CALENDAR'].map((name) => [`${name}_URL`, target]));
  const ours = await startNode('./ours.child.ts', {
    PORT: '0',
    // Requests are counted as always, against a limit that is never reached.
    RATE_LIMIT_USER: '1000000000',
    REDIS_URL: servers.redisUrl,
    AUTH_URL: issuer.url,
    ...urls,
  });

  const token = issuer.token(makeIdentity(), { expiresIn: 7_200 });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };

  /** @param checking those doors that must refuse what has no good token */
  const measure = async (doors: Readonly<Record<string, Door>>, checking: readonly string[]) => {
    const faults: Record<string, string | undefined> = {};
    for (const name of checking) faults[name] = await faultInChecks(`${doors[name]?.url}/api/v1/documents`, token);
    for (const [name, door] of Object.entries(doors)) {
      say(`warming ${name}`);
      await wrk(`${door.url}${PAGE}`, quick ? 3 : 10, headers);
    }
    const alone = await wrk(`${target}${PAGE}`, quick ? 2 : 5, headers);
    say(`the generator alone, straight at the upstream: ${alone.perSecond.toFixed(0)} requests/s`);
    const rounds = await measureRounds({
      sides: Object.keys(doors),
      rounds: quick ? 3 : 5,
      measure: (side) => {
        const door = doors[side];
        if (!door) throw new Error(`there is no side ${side}`);
        return measureLoad(door, { wrk, upstream, seconds: quick ? 3 : 8, headers, fault: faults[side] });
      },
      say,
    });
    return { rounds, alone: alone.perSecond };
  };
  return { runtimeDir, issuer, address, target, ours, startNode, measure };
};
