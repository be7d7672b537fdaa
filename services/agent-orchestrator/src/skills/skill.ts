import { DomainError } from '@atrium/service-kit';
import { z } from 'zod';

/** The skills there are; an agent has some of them. */
export const skillNames = ['search_documents', 'create_event', 'list_events', 'get_balance'] as const;
export type SkillName = (typeof skillNames)[number];

/** What a skill works with: where the other services are, and the rights of the person it works for. */
export interface SkillContext {
  readonly urls: { readonly document: string; readonly billing: string; readonly calendar: string };
  /** The delegated token; asked for at each call, since a run may outlast one. */
  token(): Promise<string>;
  /** Names this call for ever: a call that is made again after a crash has the same one. */
  readonly idempotencyKey: string;
  /** The number of the next passage that the answer can cite. */
  readonly nextPassage: number;
  readonly timeZone: string;
  readonly signal: AbortSignal;
}

/** What a call came to. A refusal is an answer too: the model reads it and can do better. */
export type SkillOutcome =
  | { readonly ok: true; readonly output: unknown; readonly summary: string }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** A typed function that an agent can call. */
export interface Skill {
  readonly name: SkillName;
  readonly description: string;
  /** `write` changes something that people see. */
  readonly risk: 'read' | 'write';
  /** JSON Schema (2020-12) of its arguments. */
  readonly parameters: Record<string, unknown>;
  /**
   * Checks the arguments and does the work.
   * @throws only when it is not known whether a write was done, or when the run was stopped
   */
  call(input: unknown, context: SkillContext): Promise<SkillOutcome>;
  /** The part of an output that the model reads. */
  tell(output: unknown): unknown;
}

const problemsOf = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; ');

/**
 * Declares a skill.
 * @param spec.summarize one short line about an output, for people
 * @param spec.tell the part of an output that the model reads; all of it unless told
 */
export const defineSkill = <Input extends z.ZodType, Output extends z.ZodType>(spec: {
  name: SkillName;
  description: string;
  risk: Skill['risk'];
  input: Input;
  output: Output;
  run: (input: z.output<Input>, context: SkillContext) => Promise<z.input<Output>>;
  summarize: (output: z.output<Output>) => string;
  tell?: (output: z.output<Output>) => unknown;
}): Skill => ({
  name: spec.name,
  description: spec.description,
  risk: spec.risk,
  parameters: z.toJSONSchema(spec.input, { io: 'input' }),
  tell: (output) => (spec.tell ? spec.tell(spec.output.parse(output)) : output),
  async call(input, context) {
    const parsed = spec.input.safeParse(input);
    if (!parsed.success)
      return { ok: false, error: { code: 'skill.invalid_arguments', message: problemsOf(parsed.error) } };
    try {
      const output = spec.output.parse(await spec.run(parsed.data, context));
      return { ok: true, output, summary: spec.summarize(output) };
    } catch (error) {
      context.signal.throwIfAborted();
      const refusal = error instanceof DomainError ? error : undefined;
      // A write that got no answer may have been done: only doing it again with the same key tells.
      if (spec.risk === 'write' && (refusal === undefined || refusal.status >= 500)) throw error;
      return {
        ok: false,
        error: {
          code: refusal?.code ?? 'skill.failed',
          message: refusal?.detail ?? 'The skill failed. Go on without it.',
        },
      };
    }
  },
});
