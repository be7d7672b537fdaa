import type { Cursor, Tenant } from '@atrium/service-kit';
import { IsNull, type EntityManager } from 'typeorm';
import { AgentEntity, type Agent } from './agent.entity.ts';

/** The only file that knows the agents table. */
export const createAgentStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (id: string): Promise<Agent | null> => db.findOneBy(AgentEntity, { workspaceId, id, deletedAt: IsNull() }),

  findBySlug: (slug: string): Promise<Agent | null> =>
    db.findOneBy(AgentEntity, { workspaceId, slug, deletedAt: IsNull() }),

  oldest: (): Promise<Agent | null> =>
    db.findOne(AgentEntity, { where: { workspaceId, deletedAt: IsNull() }, order: { createdAt: 'ASC', id: 'ASC' } }),

  list(limit: number, after: Cursor | undefined): Promise<Agent[]> {
    const query = db
      .createQueryBuilder(AgentEntity, 'agent')
      .where('agent.workspaceId = :workspaceId', { workspaceId })
      .andWhere('agent.deletedAt is null');
    if (after) query.andWhere('(agent.createdAt, agent.id) > (:at, :id)', { at: after.at, id: after.id });
    return query
      .orderBy({ 'agent.createdAt': 'ASC', 'agent.id': 'ASC' })
      .take(limit + 1)
      .getMany();
  },

  /** False when another agent has the slug. */
  async insert(agent: Omit<Agent, 'workspaceId'>): Promise<boolean> {
    const added: unknown[] = await db.query(
      `insert into agents (workspace_id, id, slug, name, instructions, model, skills, version, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (workspace_id, slug) where deleted_at is null do nothing returning id`,
      [
        workspaceId,
        agent.id,
        agent.slug,
        agent.name,
        agent.instructions,
        agent.model,
        agent.skills,
        agent.version,
        agent.createdAt,
      ],
    );
    return added.length > 0;
  },

  /** Writes a change made to a version; false when somebody changed the agent meanwhile. */
  async replace(agent: Agent, version: number): Promise<boolean> {
    const { id, name, instructions, model, skills, deletedAt } = agent;
    const { affected } = await db.update(
      AgentEntity,
      { workspaceId, id, version, deletedAt: IsNull() },
      { name, instructions, model, skills, deletedAt, version: agent.version },
    );
    return affected === 1;
  },
});
