import { MessageCreated, RunCompleted, RunFailed } from '@atrium/contracts';
import {
  JobStopped,
  notFound,
  transactional,
  type DataRuntime,
  type JobFailure,
  type Transactional,
  type Unit,
} from '@atrium/service-kit';
import { createConversationStore } from '../conversations/conversation.store.ts';
import type { Message } from '../conversations/message.entity.ts';
import { createMessageStore } from '../conversations/message.store.ts';
import type { SkillOutcome } from '../skills/skill.ts';
import { firstSeq, type RunEvent } from '../streaming/run.event.ts';
import type { Citation } from './citations.ts';
import { HISTORY_MESSAGES } from './context.ts';
import type { Run } from './run.entity.ts';
import { createRunStepStore } from './run-step.store.ts';
import { createRunStore } from './run.store.ts';
import { usageOf, type ModelResult, type RunStep } from './run.step.ts';

/** What an attempt begins with. */
export interface Begun {
  readonly run: Run;
  readonly steps: RunStep[];
  /** The end of the conversation up to the message that is answered. */
  readonly messages: Message[];
}

const hasEnded = ({ state }: Run): boolean => state !== 'queued' && state !== 'running';

/** What the job's own failures are called to the people who wait for the run. */
const failureOf = (failure: JobFailure): { code: string; reason: string } => ({
  code: failure.code.replace(/^job\./, 'run.'),
  reason: failure.reason,
});

/**
 * The durable record of a run within one transaction. All it writes is fenced by the attempt: a process that lost the
 * run finds out before it changes anything.
 */
export const createRunRecord = ({ manager, tenant, outbox }: Unit) => {
  const runs = createRunStore(manager, tenant);
  const steps = createRunStepStore(manager, tenant);

  const own = async (runId: string, attempt: number): Promise<Run> => {
    const run = await runs.lock(runId);
    if (!run || run.attempt !== attempt || run.state !== 'running') throw new JobStopped('lease lost');
    return run;
  };
  const settledBy = (run: Run, usage: Run['usage']) => ({
    runId: run.id,
    conversationId: run.conversationId,
    agentId: run.agentId,
    holdId: run.holdId,
    usage,
  });

  return {
    /** Takes the run over from whoever had it; undefined when it has ended. */
    async begin(runId: string): Promise<Begun | undefined> {
      const run = (await runs.lock(runId)) ?? notFound('run', runId);
      if (hasEnded(run)) return undefined;
      const change = { state: 'running', attempt: run.attempt + 1, startedAt: run.startedAt ?? new Date() } as const;
      await runs.update(runId, change);
      return {
        run: { ...run, ...change },
        steps: await steps.list(runId),
        messages: await createMessageStore(manager, tenant).recent(run.conversationId, HISTORY_MESSAGES),
      };
    },

    async holdPlaced(runId: string, attempt: number, holdId: string): Promise<void> {
      await own(runId, attempt);
      await runs.update(runId, { holdId });
    },

    async modelAnswered(runId: string, attempt: number, ordinal: number, result: ModelResult): Promise<void> {
      const { model } = await own(runId, attempt);
      await steps.addModel(runId, ordinal, model, result);
    },

    async skillBegins(runId: string, attempt: number, ordinal: number, name: string, input: unknown): Promise<void> {
      await own(runId, attempt);
      await steps.addSkill(runId, ordinal, name, input);
    },

    async skillEnded(runId: string, attempt: number, ordinal: number, outcome: SkillOutcome): Promise<void> {
      await own(runId, attempt);
      await steps.finishSkill(runId, ordinal, outcome);
    },

    /** Keeps what readers were told by an attempt that failed, for the end of the run. */
    async keepEvents(runId: string, attempt: number, events: RunEvent[]): Promise<void> {
      await own(runId, attempt);
      await runs.update(runId, { events });
    },

    /** Ends the run with its answer. @param events everything its readers were and will be told */
    async complete(
      runId: string,
      attempt: number,
      answer: { messageId: string; text: string; citations: Citation[]; usage: Run['usage']; events: RunEvent[] },
    ): Promise<void> {
      const run = await own(runId, attempt);
      const { usage, events, text, citations, messageId } = answer;
      const now = new Date();
      const conversations = createConversationStore(manager, tenant);
      const conversation =
        (await conversations.lock(run.conversationId)) ?? notFound('conversation', run.conversationId);
      const seq = conversation.lastSeq + 1;
      await createMessageStore(manager, tenant).insert({
        id: messageId,
        workspaceId: tenant.workspaceId,
        conversationId: conversation.id,
        seq,
        role: 'assistant',
        text,
        citations,
        runId,
        createdBy: null,
        createdAt: now,
      });
      await conversations.update(conversation.id, { lastSeq: seq, lastMessageAt: now });
      await runs.update(runId, { state: 'completed', usage, events, finishedAt: now });
      const about = { messageId, conversationId: conversation.id, runId, role: 'assistant' as const };
      await outbox.add(MessageCreated, conversation.id, about);
      await outbox.add(RunCompleted, runId, settledBy(run, usage));
    },

    /** Ends the run without an answer; returns the event its readers wait for, or undefined when it had ended. */
    async giveUp(runId: string, failure: JobFailure): Promise<RunEvent | undefined> {
      const run = await runs.lock(runId);
      if (!run || hasEnded(run)) return undefined;
      const { code, reason } = failureOf(failure);
      const usage = usageOf(await steps.list(runId));
      const attempt = run.attempt + 1;
      const last: RunEvent = { seq: firstSeq(attempt), type: `run.${failure.outcome}`, data: { code, reason } };
      const events = [...(await runs.events(runId)), last];
      const ending = { state: failure.outcome, code, reason, usage, events, finishedAt: new Date() };
      await runs.update(runId, { attempt, ...ending });
      await outbox.add(RunFailed, runId, { ...settledBy(run, usage), outcome: failure.outcome, code, reason });
      return last;
    },
  };
};
export type RunRecord = ReturnType<typeof createRunRecord>;

export const createRunRecords = (runtime: DataRuntime): Transactional<RunRecord> =>
  transactional(runtime, createRunRecord);
