import { pageOf, PageQuery } from '@atrium/service-kit';
import { z } from 'zod';
import { skillNames } from '../skills/skill.ts';

const Name = z.string().trim().min(1).max(100);
const Instructions = z.string().max(20_000);
const Model = z.string().trim().min(1).max(100);
const Skills = z
  .array(z.enum(skillNames))
  .max(skillNames.length)
  .transform((names) => [...new Set(names)]);

export const CreateAgent = z.strictObject({
  name: Name,
  /** Made from the name when absent. */
  slug: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'Use small letters, digits and inner hyphens.')
    .optional(),
  instructions: Instructions.default(''),
  /** The installation's usual model when absent. */
  model: Model.optional(),
  /** Every skill when absent. */
  skills: Skills.optional(),
});
export type CreateAgent = z.output<typeof CreateAgent>;

/** What is absent stays as it is. */
export const ChangeAgent = z.strictObject({
  name: Name.optional(),
  instructions: Instructions.optional(),
  model: Model.optional(),
  skills: Skills.optional(),
});
export type ChangeAgent = z.output<typeof ChangeAgent>;

export const ListAgents = PageQuery;
export type ListAgents = z.output<typeof ListAgents>;

export const AgentView = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    instructions: z.string(),
    model: z.string(),
    skills: z.array(z.string()),
    version: z.int().positive(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Agent' });

export const AgentPage = pageOf(AgentView).meta({ id: 'AgentPage' });
