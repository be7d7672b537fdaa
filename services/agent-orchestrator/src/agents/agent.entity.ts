import { EntitySchema } from 'typeorm';

/** An assistant of a workspace: how it speaks, which model it asks and what it may do. */
export interface Agent {
  id: string;
  workspaceId: string;
  slug: string;
  name: string;
  instructions: string;
  model: string;
  skills: string[];
  /** Grows with every change; the ETag of the agent. */
  version: number;
  createdAt: Date;
  deletedAt: Date | null;
}

export const AgentEntity = new EntitySchema<Agent>({
  name: 'Agent',
  tableName: 'agents',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    id: { type: 'uuid', primary: true },
    slug: { type: 'text' },
    name: { type: 'text' },
    instructions: { type: 'text' },
    model: { type: 'text' },
    skills: { type: 'text', array: true },
    version: { type: 'integer' },
    createdAt: { type: 'timestamptz' },
    deletedAt: { type: 'timestamptz', nullable: true },
  },
});
