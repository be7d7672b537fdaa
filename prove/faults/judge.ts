import type { Answer } from '../platform/http.ts';
import type { ClientLog } from './client.log.ts';
import type { Workload, Write } from './workload.ts';

/** A write with what its client was told, the first time and when it asked again. */
export interface WriteOutcome {
  readonly write: Write;
  readonly answer: Answer | undefined;
  readonly again?: Answer | undefined;
}

/** Compares what clients were told, as their log on disk has it, with what the database holds. @returns what is wrong */
export const judgeWrites = async (
  workload: Workload,
  outcomes: readonly WriteOutcome[],
  log: ClientLog,
): Promise<string[]> => {
  const faults: string[] = [];
  const rows = await workload.count();
  const told = Map.groupBy(
    log.read().filter(({ said }) => said === 'answer'),
    ({ key }) => key,
  );
  for (const { write, answer, again } of outcomes) {
    const { kind, key, mark } = write;
    const found = rows.get(mark) ?? 0;
    const lines = told.get(key) ?? [];
    if (!answer || lines.length === 0) faults.push(`${kind}: nobody said what became of it (${found} rows)`);
    else if (answer.status >= 300) faults.push(`${kind} is refused: ${answer.status} ${answer.text.slice(0, 100)}`);
    else if (found === 0) faults.push(`${kind}: answered ${answer.status}, and lost`);
    else if (found > 1) faults.push(`${kind}: ${found} rows of one request`);
    if (new Set(lines.map(({ status, text }) => `${status} ${text}`)).size > 1)
      faults.push(`${kind}: the answer changed: ${lines.map(({ text }) => text?.slice(0, 80)).join(' / ')}`);
    if (again && answer && again.headers['idempotency-replayed'] !== 'true')
      faults.push(`${kind}: asked again after its answer, it is not said to be a replay`);
  }
  const unbalanced = await workload.unbalanced();
  if (unbalanced !== 0) faults.push(`${unbalanced} entries or accounts of the books do not add up`);
  return faults;
};
