import type { RunUsage } from '@atrium/contracts';
import type { ToolCall } from '@atrium/llm';
import type { SkillOutcome } from '../skills/skill.ts';

/** What a model call came to. */
export interface ModelResult {
  readonly text: string;
  readonly toolCalls: ToolCall[];
  readonly usage: RunUsage;
}

/** One thing a run did. A skill without outcome was begun by a process that did not live to see its end. */
export type RunStep =
  | { readonly ordinal: number; readonly kind: 'model'; readonly name: string; readonly result: ModelResult }
  | {
      readonly ordinal: number;
      readonly kind: 'skill';
      readonly name: string;
      readonly arguments: unknown;
      readonly outcome: SkillOutcome | null;
    };

/** What the steps consumed, added up by provider and model. */
export const usageOf = (steps: readonly RunStep[]): RunUsage[] => {
  const sums = new Map<string, RunUsage>();
  for (const step of steps) {
    if (step.kind !== 'model') continue;
    const { usage } = step.result;
    const key = `${usage.provider}\n${usage.model}`;
    const sum = sums.get(key);
    sums.set(
      key,
      sum
        ? {
            ...sum,
            inputTokens: sum.inputTokens + usage.inputTokens,
            cachedInputTokens: sum.cachedInputTokens + usage.cachedInputTokens,
            outputTokens: sum.outputTokens + usage.outputTokens,
            estimated: sum.estimated || usage.estimated,
          }
        : { ...usage },
    );
  }
  return [...sums.values()];
};
