import type { ToolCall, ToolDefinition } from '@atrium/llm';
import { createEventSkill } from './create-event.skill.ts';
import { getBalanceSkill } from './get-balance.skill.ts';
import { listEventsSkill } from './list-events.skill.ts';
import { searchDocumentsSkill } from './search-documents.skill.ts';
import type { Skill, SkillContext, SkillName, SkillOutcome } from './skill.ts';

const skills: Record<SkillName, Skill> = {
  search_documents: searchDocumentsSkill,
  create_event: createEventSkill,
  list_events: listEventsSkill,
  get_balance: getBalanceSkill,
};

/** The skills of one agent, as a model sees and calls them. */
export interface SkillSet {
  readonly tools: ToolDefinition[];
  call(call: Pick<ToolCall, 'name' | 'arguments' | 'invalidArguments'>, context: SkillContext): Promise<SkillOutcome>;
  /** What the model reads of an outcome, as JSON. */
  tell(name: string, outcome: SkillOutcome): string;
}

/** @param names the agent's own skills; others are neither offered nor called */
export const skillSet = (names: readonly string[], known: Partial<Record<string, Skill>> = skills): SkillSet => {
  const own = names.flatMap((name) => known[name] ?? []);
  return {
    tools: own.map(({ name, description, parameters }) => ({ name, description, parameters })),
    async call(call, context) {
      const skill = own.find(({ name }) => name === call.name);
      if (!skill) {
        const offered = own.map(({ name }) => name).join(', ') || 'none';
        return {
          ok: false,
          error: { code: 'skill.unknown', message: `There is no skill ${call.name}. Available: ${offered}.` },
        };
      }
      if (call.invalidArguments !== undefined)
        return { ok: false, error: { code: 'skill.invalid_arguments', message: 'The arguments are no JSON object.' } };
      return skill.call(call.arguments, context);
    },
    tell(name, outcome) {
      if (!outcome.ok) return JSON.stringify({ error: outcome.error });
      const skill = own.find((one) => one.name === name);
      return JSON.stringify(skill ? skill.tell(outcome.output) : outcome.output);
    },
  };
};
