import { eventually } from '@atrium/testing';
import type { Random } from '../../harness/random.ts';
import { canary, type Person } from '../../platform/people.ts';
import type { Reach } from '../../platform/platform.ts';
import type { Settle } from './settle.ts';

const ENDED_MS = 15 * 60_000;

/** Asks questions and leaves the answers to the platform. @param text what the model answers */
export const createRuns = (
  platform: Reach,
  people: readonly Person[],
  random: Random,
  { settle, text }: { settle: Settle; text: string },
) => {
  const asked: string[] = [];
  const faults: string[] = [];
  const workspaces = people.map(({ workspaceId }) => workspaceId);
  const unfinished = async (): Promise<number> => {
    const [row] = await platform.database.query<{ left: number }>(
      `select (select count(*) from agent.runs where state in ('queued', 'running'))::int
         + (select count(*) from billing.holds where status = 'open')::int
         + (select count(*) from agent.runs where state = 'completed' and cost is null)::int as left`,
    );
    return row?.left ?? -1;
  };

  return {
    async one(): Promise<void> {
      const person = random.pick(people);
      const ask = (path: string, body: unknown) =>
        settle(path.startsWith('/conversations/') ? 'message' : 'conversation', (key) =>
          person.call('POST', path, body, { headers: { 'idempotency-key': key } }),
        );
      const opened = await ask('/conversations', { title: canary() });
      const sent =
        opened?.status === 201
          ? await ask(`/conversations/${String(opened.json['id'])}/messages`, { text: 'Tell me something' })
          : opened;
      const run = sent?.json['run'] as { id: string } | undefined;
      if (!sent) faults.push('a question: nobody said what became of it');
      else if (!run) faults.push(`a question is refused: ${sent.status} ${sent.text.slice(0, 120)}`);
      else asked.push(run.id);
    },
    /** @returns how long it took until every run had ended and every hold was settled; ms */
    async ended(): Promise<number> {
      const began = Date.now();
      const over = await eventually(async () => (await unfinished()) === 0, ENDED_MS).catch(() => false);
      if (!over) faults.push(`${await unfinished()} runs or holds are open ${ENDED_MS / 1_000} s later`);
      return Date.now() - began;
    },
    async judge(): Promise<{ faults: string[]; states: string }> {
      const rows = await platform.database.query<{
        id: string;
        state: string;
        code: string | null;
        answers: string[] | null;
        questions: number;
      }>(
        `select r.id, r.state, r.code,
           (select array_agg(m.text) from agent.messages m where m.run_id = r.id and m.role = 'assistant') as answers,
           (select count(*)::int from agent.messages m
            where m.conversation_id = r.conversation_id and m.role = 'user') as questions
         from agent.runs r where workspace_id = any($1)`,
        [workspaces],
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      for (const id of asked) if (!found.has(id)) faults.push('a run was acknowledged, and lost');
      for (const { id, state, answers, questions } of rows) {
        if (!asked.includes(id)) faults.push('a run was begun that nobody was told of');
        if (questions !== 1) faults.push(`one question is there ${questions} times`);
        if ((answers?.length ?? 0) !== (state === 'completed' ? 1 : 0))
          faults.push(`a run that is ${state} has ${answers?.length ?? 0} answers`);
        else if (answers && answers[0]?.trim() !== text.trim()) faults.push(`an answer is not what the model said`);
      }
      const wrong = await platform.database.query<{ what: string }>(
        `select 'a run cost ' || r.cost || ', and ' || h.captured || ' was taken' as what
         from agent.runs r join billing.holds h on h.reference = r.id::text
         where r.workspace_id = any($1) and r.cost is distinct from h.captured and r.state = 'completed'
         union all
         select 'workspace spent ' || a.balance || ' on runs of ' || coalesce(sum(h.captured), 0)
         from billing.accounts a left join billing.holds h on h.workspace_id = a.workspace_id
         where a.workspace_id = any($1) and a.kind = 'spent'
         group by a.id, a.balance having a.balance <> coalesce(sum(h.captured), 0)`,
        [workspaces],
      );
      faults.push(...wrong.map(({ what }) => what));
      const states = Object.entries(Object.groupBy(rows, ({ state, code }) => (code ? `${state} ${code}` : state)));
      return { faults, states: states.map(([state, all]) => `${all?.length} ${state}`).join(', ') };
    },
  };
};
