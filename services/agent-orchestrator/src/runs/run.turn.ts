import { estimateUsage, type ChatMessage, type ChatProvider, type ChatRequest, type ToolCall } from '@atrium/llm';
import { JobRefused, JobStopped } from '@atrium/service-kit';
import type { SkillContext, SkillOutcome } from '../skills/skill.ts';
import type { SkillSet } from '../skills/skill.registry.ts';
import type { RunEmitter } from '../streaming/run.emitter.ts';
import { passagesOf } from './citations.ts';
import type { ModelResult, RunStep } from './run.step.ts';
import { storable } from './storable.ts';

/** Model calls in one run; a model that still asks for skills then goes round in circles. */
const MAX_ROUNDS = 8;
/** Skills that one model answer may ask for. */
const MAX_CALLS = 8;

/** Writes what happened, before it is acted on. */
export interface TurnRecord {
  modelAnswered(ordinal: number, result: ModelResult): Promise<void>;
  skillBegins(ordinal: number, name: string, input: unknown): Promise<void>;
  skillEnded(ordinal: number, outcome: SkillOutcome): Promise<void>;
}

export interface Turn {
  readonly runId: string;
  readonly provider: ChatProvider;
  readonly request: Omit<ChatRequest, 'messages' | 'tools'>;
  readonly history: readonly ChatMessage[];
  readonly skills: SkillSet;
  readonly skillContext: Pick<SkillContext, 'urls' | 'token' | 'timeZone'>;
  /** What earlier attempts recorded; grows with what this one does. */
  readonly steps: RunStep[];
  readonly record: TurnRecord;
  readonly emitter: Pick<RunEmitter, 'emit' | 'text'>;
  readonly signal: AbortSignal;
}

const isCancelled = (signal: AbortSignal): boolean =>
  signal.reason instanceof JobStopped && signal.reason.cause === 'cancelled';

/**
 * Asks the model and does what it asks for until it answers; returns everything it said. Steps that are recorded are
 * told again instead of done again, so a run that was taken over pays for nothing twice.
 * @throws JobRefused when the model comes to no answer
 */
export const takeTurn = async (turn: Turn): Promise<string> => {
  const { runId, provider, request, skills, steps, record, emitter, signal } = turn;
  const messages: ChatMessage[] = [...turn.history];
  let ordinal = 0;
  let said = '';

  /** Begins a part of the answer; parts are set apart like paragraphs. */
  const speaker = () => {
    let gap = said === '' ? '' : '\n\n';
    return (text: string): void => {
      if (text === '') return;
      said += gap + text;
      emitter.text(gap + text);
      gap = '';
    };
  };

  const askModel = async (at: number): Promise<ModelResult> => {
    const say = speaker();
    const known = steps.find((step) => step.ordinal === at);
    if (known?.kind === 'model') {
      say(known.result.text);
      return known.result;
    }
    signal.throwIfAborted();
    const asked: ChatRequest = { ...request, messages: [...messages], tools: skills.tools };
    const keep = async (result: ModelResult): Promise<ModelResult> => {
      await record.modelAnswered(at, result);
      steps.push({ ordinal: at, kind: 'model', name: request.model, result });
      return result;
    };
    let text = '';
    const toolCalls: ToolCall[] = [];
    let usage: ModelResult['usage'] | undefined;
    try {
      for await (const event of provider.stream(asked, { signal })) {
        if (event.type === 'text') {
          const piece = storable(event.text);
          text += piece;
          say(piece);
        } else if (event.type === 'tool_call') {
          const { type: _type, ...call } = event;
          toolCalls.push(storable(call));
        } else if (event.type === 'usage') {
          const { type: _type, ...consumed } = event;
          usage = consumed;
        }
      }
    } catch (error) {
      // Whoever stops an answer pays for what was written of it; nobody pays for one that broke.
      if (isCancelled(signal) && text !== '') {
        const consumed = await estimateUsage(asked, { text, toolCalls });
        await keep({ text, toolCalls: [], usage: { provider: provider.name, model: request.model, ...consumed } });
      }
      throw error;
    }
    usage ??= { provider: provider.name, model: request.model, ...(await estimateUsage(asked, { text, toolCalls })) };
    return keep({ text, toolCalls, usage });
  };

  const callSkill = async (at: number, call: ToolCall, allowed: boolean): Promise<SkillOutcome> => {
    const { name } = call;
    const done = steps.find((step) => step.ordinal === at);
    emitter.emit({ type: 'skill.started', data: { name, arguments: call.arguments } });
    let outcome = done?.kind === 'skill' ? done.outcome : null;
    if (!outcome) {
      signal.throwIfAborted();
      await record.skillBegins(at, name, call.arguments);
      outcome = allowed
        ? await skills.call(call, {
            ...turn.skillContext,
            idempotencyKey: `${runId}:${at}`,
            nextPassage: passagesOf(steps).length + 1,
            signal,
          })
        : { ok: false, error: { code: 'skill.too_many', message: `Ask for at most ${MAX_CALLS} skills at once.` } };
      outcome = storable(outcome);
      await record.skillEnded(at, outcome);
      const step: RunStep = { ordinal: at, kind: 'skill', name, arguments: call.arguments, outcome };
      steps.splice(0, steps.length, ...steps.filter((known) => known.ordinal !== at), step);
    }
    const summary = outcome.ok ? outcome.summary : outcome.error.message;
    emitter.emit({ type: 'skill.completed', data: { name, ok: outcome.ok, summary } });
    return outcome;
  };

  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { text, toolCalls } = await askModel(ordinal++);
    if (toolCalls.length === 0) {
      if (said.trim() === '') throw new JobRefused('provider.empty_answer', 'The model gave no answer. Ask again.');
      return said;
    }
    messages.push({ role: 'assistant', content: text, toolCalls });
    for (const [index, call] of toolCalls.entries()) {
      const outcome = await callSkill(ordinal++, call, index < MAX_CALLS);
      messages.push({
        role: 'tool',
        toolCallId: call.id,
        content: skills.tell(call.name, outcome),
        ...(outcome.ok ? {} : { isError: true }),
      });
    }
  }
  throw new JobRefused(
    'run.too_many_rounds',
    `The model asked for skills ${MAX_ROUNDS} times without coming to an answer. Put the question in smaller parts.`,
  );
};
