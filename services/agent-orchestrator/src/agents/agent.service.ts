import type { Providers } from '@atrium/llm';
import {
  conflict,
  decodeCursor,
  DomainError,
  invalid,
  newId,
  notFound,
  toPage,
  transactional,
  type DataRuntime,
  type Transactional,
  type Unit,
} from '@atrium/service-kit';
import { skillNames } from '../skills/skill.ts';
import { DEFAULT_AGENT, slugOf } from './agent.ts';
import type { Agent } from './agent.entity.ts';
import type { ChangeAgent, CreateAgent, ListAgents } from './agent.schema.ts';
import { createAgentStore } from './agent.store.ts';

const present = ({ createdAt, ...agent }: Agent) => ({ ...agent, createdAt: createdAt.toISOString() });

const changedMeanwhile = (): DomainError =>
  new DomainError(
    'agent.changed',
    412,
    'The agent was changed since you read it. Read it again and repeat the change.',
  );

/** Agents within one transaction. */
export const createAgentService = ({ manager, tenant }: Unit, providers: Providers) => {
  const agents = createAgentStore(manager, tenant);

  const checkModel = (model: string): string => {
    if (providers.available.includes(providers.nameFor(model))) return model;
    throw invalid('agent.model_unavailable', `The model ${model} needs a provider that is not configured here.`);
  };
  const get = async (id: string): Promise<Agent> => (await agents.find(id)) ?? notFound('agent', id);
  const save = async (agent: Agent, change: Partial<Agent>): Promise<Agent> => {
    const changed = { ...agent, ...change, version: agent.version + 1 };
    if (!(await agents.replace(changed, agent.version))) throw changedMeanwhile();
    return changed;
  };

  return {
    get,
    read: async (id: string) => present(await get(id)),

    async list({ limit, cursor }: ListAgents) {
      const rows = await agents.list(limit, decodeCursor(cursor));
      return toPage(rows, limit, ({ id, createdAt }) => ({ id, at: createdAt.toISOString() }), present);
    },

    async create(wish: CreateAgent) {
      const agent = {
        id: newId(),
        slug: wish.slug ?? slugOf(wish.name) ?? newId(),
        name: wish.name,
        instructions: wish.instructions,
        model: checkModel(wish.model ?? providers.defaultModel),
        skills: wish.skills ?? [...skillNames],
        version: 1,
        createdAt: new Date(),
        deletedAt: null,
      };
      if (!(await agents.insert(agent)))
        throw conflict('agent.slug_taken', `There is another agent called ${agent.slug}. Choose another slug.`);
      return present({ ...agent, workspaceId: tenant.workspaceId });
    },

    /** @param version the one the change was made on, when the client says it */
    async change(id: string, change: ChangeAgent, version?: number) {
      const agent = await get(id);
      if (version !== undefined && version !== agent.version) throw changedMeanwhile();
      if (change.model !== undefined) checkModel(change.model);
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      return present(await save(agent, given));
    },

    /** Its conversations stay readable; new messages in them are refused. */
    async remove(id: string): Promise<void> {
      await save(await get(id), { deletedAt: new Date() });
    },

    /** The agent that conversations take when they name none; made when the workspace has no agent at all. */
    async ensureDefault(): Promise<Agent> {
      const known = (await agents.findBySlug(DEFAULT_AGENT.slug)) ?? (await agents.oldest());
      if (known) return known;
      await agents.insert({
        ...DEFAULT_AGENT,
        id: newId(),
        model: providers.defaultModel,
        version: 1,
        createdAt: new Date(),
        deletedAt: null,
      });
      return (await agents.findBySlug(DEFAULT_AGENT.slug)) ?? notFound('agent', DEFAULT_AGENT.slug);
    },
  };
};
export type AgentService = ReturnType<typeof createAgentService>;

export const createAgents = (runtime: DataRuntime, providers: Providers): Transactional<AgentService> =>
  transactional(runtime, (unit) => createAgentService(unit, providers));
