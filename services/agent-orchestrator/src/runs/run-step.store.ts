import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import type { SkillOutcome } from '../skills/skill.ts';
import type { ModelResult, RunStep } from './run.step.ts';

interface Row {
  ordinal: number;
  kind: 'model' | 'skill';
  name: string;
  arguments: unknown;
  result: unknown;
  error: { code: string; message: string } | null;
}

const outcomeOf = ({ result, error }: Row): SkillOutcome | null => {
  if (error) return { ok: false, error };
  return result === null ? null : { ok: true, ...(result as { output: unknown; summary: string }) };
};

const toStep = (row: Row): RunStep =>
  row.kind === 'model'
    ? { ordinal: row.ordinal, kind: 'model', name: row.name, result: row.result as ModelResult }
    : { ordinal: row.ordinal, kind: 'skill', name: row.name, arguments: row.arguments, outcome: outcomeOf(row) };

/** The only file that knows the run_steps table. */
export const createRunStepStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async list(runId: string): Promise<RunStep[]> {
    const rows: Row[] = await db.query(
      `select ordinal, kind, name, arguments, result, error from run_steps
       where workspace_id = $1 and run_id = $2 order by ordinal`,
      [workspaceId, runId],
    );
    return rows.map(toStep);
  },

  async addModel(runId: string, ordinal: number, name: string, result: ModelResult): Promise<void> {
    await db.query(
      `insert into run_steps (workspace_id, run_id, ordinal, kind, name, arguments, result, created_at, finished_at)
       values ($1, $2, $3, 'model', $4, '{}', $5, now(), now())`,
      [workspaceId, runId, ordinal, name, JSON.stringify(result)],
    );
  },

  /** Says that a skill is about to be called; saying it again changes nothing. */
  async addSkill(runId: string, ordinal: number, name: string, input: unknown): Promise<void> {
    await db.query(
      `insert into run_steps (workspace_id, run_id, ordinal, kind, name, arguments, created_at)
       values ($1, $2, $3, 'skill', $4, $5, now()) on conflict do nothing`,
      [workspaceId, runId, ordinal, name, JSON.stringify(input)],
    );
  },

  async finishSkill(runId: string, ordinal: number, outcome: SkillOutcome): Promise<void> {
    const [result, error] = outcome.ok
      ? [JSON.stringify({ output: outcome.output, summary: outcome.summary }), null]
      : [null, JSON.stringify(outcome.error)];
    await db.query(
      `update run_steps set result = $4, error = $5, finished_at = now()
       where workspace_id = $1 and run_id = $2 and ordinal = $3`,
      [workspaceId, runId, ordinal, result, error],
    );
  },
});
