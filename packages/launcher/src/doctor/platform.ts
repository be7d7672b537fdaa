import type { LauncherConfig } from '../config.ts';
import { errorText } from '../failure.ts';
import { readBoot } from '../home/boot.file.ts';
import type { Home } from '../home/home.ts';
import type { RunRecord } from '../home/run.file.ts';
import { holderOf, isFree } from '../process/ports.ts';
import { portOf } from '../roles.env.ts';
import type { Role } from '../roles.ts';
import { note, ok, problem, type Finding } from './finding.ts';
import { treeMemory } from './memory.ts';

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

const lookAtPorts = async (config: LauncherConfig, table: readonly Role[]): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const role of table) {
    const port = portOf(role, config.portBase);
    if (await isFree(port)) continue;
    const text = `${port}, which ${role.name} needs, is taken by ${holderOf(port) ?? 'a program that cannot be seen'}`;
    findings.push(problem('port', text, 'Stop that program, or set ATRIUM_PORT_BASE to another number.'));
  }
  const from = config.portBase;
  return findings.length > 0 ? findings : [ok('ports', `${from} to ${from + table.length - 1} are free`)];
};

const lookAtRole = async (name: string, url: string): Promise<Finding> => {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
    const report = (await answer.text()).slice(0, 200);
    if (!answer.ok) return problem(name, `not ready: ${report}`, 'Look at its lines in the log.');
    return report.includes('degraded') ? note(name, `ready, but ${report}`) : ok(name, `ready at ${url}`);
  } catch (error) {
    return problem(name, `does not answer at ${url}: ${errorText(error)}`, 'Stop and start Atrium; look at its log.');
  }
};

const lookAtRunning = async (run: RunRecord): Promise<Finding[]> => {
  const memory = treeMemory([run.process.pid]);
  const pss = memory?.pss === undefined ? '' : `, ${megabytes(memory.pss)} counting shared pages once`;
  return [
    ok('running', `pid ${run.process.pid}, ${run.state}, since ${run.startedAt}`),
    ...(await Promise.all(Object.entries(run.urls).map(([name, url]) => lookAtRole(name, url)))),
    ...(memory ? [ok('memory in use', `${megabytes(memory.rss)} in ${memory.processes} processes${pss}`)] : []),
  ];
};

/** What runs here, or whether it could; and how long the last starts took. */
export const lookAtPlatform = async (
  config: LauncherConfig,
  home: Home,
  table: readonly Role[],
  run: RunRecord | undefined,
): Promise<Finding[]> => {
  const { cold, warm } = readBoot(home.bootFile);
  return [
    ...(run ? await lookAtRunning(run) : [note('running', 'nothing'), ...(await lookAtPorts(config, table))]),
    ...(cold ? [ok('last cold start', `${cold.seconds} s (${cold.at})`)] : []),
    ...(warm ? [ok('last warm start', `${warm.seconds} s (${warm.at})`)] : []),
  ];
};
