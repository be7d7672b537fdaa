import { placeHold } from '@atrium/contracts';
import { ProviderError, type Providers } from '@atrium/llm';
import {
  callService,
  JobRefused,
  JobStopped,
  newId,
  unavailable,
  type Delegation,
  type JobAttempt,
  type Logger,
  type Transactional,
} from '@atrium/service-kit';
import { skillSet } from '../skills/skill.registry.ts';
import type { SkillContext } from '../skills/skill.ts';
import { createRunEmitter, type RunEmitter } from '../streaming/run.emitter.ts';
import { firstSeq, type RunEvent } from '../streaming/run.event.ts';
import type { RunSignals } from '../streaming/run.signals.ts';
import type { RunStream } from '../streaming/run.stream.ts';
import { citationsOf, passagesOf } from './citations.ts';
import { estimateRun, historyOf, systemPrompt } from './context.ts';
import type { Begun, RunRecord } from './run.record.ts';
import { usageOf } from './run.step.ts';
import { takeTurn, type TurnRecord } from './run.turn.ts';

export interface RunEngineParts {
  readonly records: Transactional<RunRecord>;
  readonly providers: Providers;
  readonly delegation: Delegation;
  readonly urls: SkillContext['urls'];
  readonly maxOutputTokens: number;
  readonly stream: RunStream;
  readonly signals: RunSignals;
  readonly log: Logger;
}

/** A provider's failure as the job understands it: tried again later, or final. */
const translated = (error: unknown): unknown => {
  if (!(error instanceof ProviderError)) return error;
  const code = `provider.${error.kind}`;
  return error.retryable ? unavailable(code, error.message, 1, error) : new JobRefused(code, error.message);
};

const opening = ({ run }: Begun): RunEvent => ({
  seq: firstSeq(1),
  type: 'run.started',
  data: { runId: run.id, conversationId: run.conversationId, model: run.model },
});

/** Carries out runs. Each attempt goes on from what the earlier ones recorded, and ends the run at most once. */
export const createRunEngine = (parts: RunEngineParts) => {
  const { records, providers, delegation, urls, maxOutputTokens, stream, signals, log } = parts;

  const answer = async (begun: Begun, emitter: RunEmitter, job: JobAttempt<unknown>, signal: AbortSignal) => {
    const { run, steps, messages } = begun;
    const { id: runId, attempt, model, setup } = run;
    const { tenant } = job;
    const user = { userId: run.userId, workspaceId: run.workspaceId, scopes: tenant.scopes };
    const token = () => delegation.tokenFor(user);
    const system = systemPrompt(setup, run.createdAt);
    const history = historyOf(messages);
    const skills = skillSet(setup.skills);

    if (!run.holdId) {
      // The reference makes a repeated request return the hold that a lost attempt placed.
      const hold = await callService(placeHold, {
        baseUrl: urls.billing,
        input: {
          reference: runId,
          model,
          provider: run.provider,
          agentId: run.agentId,
          tags: setup.tags,
          apiKeyId: setup.apiKeyId,
          ...estimateRun(system, history, skills.tools, maxOutputTokens),
        },
        token: await token(),
        idempotencyKey: `${runId}:hold`,
        signal,
      });
      await records.run(tenant, (record) => record.holdPlaced(runId, attempt, hold.id));
    }

    const record: TurnRecord = {
      modelAnswered: (...said) => records.run(tenant, (one) => one.modelAnswered(runId, attempt, ...said)),
      skillBegins: (...begins) => records.run(tenant, (one) => one.skillBegins(runId, attempt, ...begins)),
      skillEnded: (...ended) => records.run(tenant, (one) => one.skillEnded(runId, attempt, ...ended)),
    };
    const text = await takeTurn({
      runId,
      provider: providers.chain(model),
      request: { model, system, maxOutputTokens, context: { now: run.createdAt, timeZone: setup.timeZone } },
      history,
      skills,
      skillContext: { urls, token, timeZone: setup.timeZone },
      steps,
      record,
      emitter,
      signal,
    });

    const citations = citationsOf(text, passagesOf(steps));
    const usage = usageOf(steps);
    const messageId = newId();
    const last = emitter.prepare([
      { type: 'message.completed', data: { messageId, text, citations } },
      { type: 'run.completed', data: { usage } },
    ]);
    const events = [...(attempt > 1 ? [opening(begun)] : []), ...emitter.events(), ...last];
    await records.run(tenant, (one) => one.complete(runId, attempt, { messageId, text, citations, usage, events }));
    return last;
  };

  return {
    async execute(job: JobAttempt<{ runId: string }>): Promise<void> {
      const { runId } = job.payload;
      const begun = await records.run(job.tenant, (record) => record.begin(runId));
      if (!begun) return;
      const { attempt } = begun.run;
      const emitter = createRunEmitter({ runId, first: firstSeq(attempt), stream });
      const stop = new AbortController();
      const listening = signals.listen(runId, (heard) => heard === 'cancel' && stop.abort(new JobStopped('cancelled')));
      try {
        const { seq: _seq, ...started } = opening(begun);
        emitter.emit(attempt === 1 ? started : { type: 'run.restarted', data: { runId } });
        const last = await answer(begun, emitter, job, AbortSignal.any([job.signal, stop.signal]));
        await emitter.close(last);
      } catch (error) {
        await emitter.close();
        const events = [...(attempt > 1 ? [opening(begun)] : []), ...emitter.events()];
        await records
          .run(job.tenant, (record) => record.keepEvents(runId, attempt, events))
          .catch((failure: unknown) => log.debug({ err: failure, runId }, 'the events of a failed attempt were lost'));
        throw translated(error);
      } finally {
        listening.close();
      }
    },
  };
};
export type RunEngine = ReturnType<typeof createRunEngine>;
