import { EntitySchema } from 'typeorm';

export const conversationStatuses = ['open', 'pending', 'resolved', 'archived'] as const;
export type ConversationStatus = (typeof conversationStatuses)[number];

/** A thread of messages with one agent, shared by the members of its workspace. */
export interface Conversation {
  id: string;
  workspaceId: string;
  agentId: string;
  title: string;
  status: ConversationStatus;
  /** The person who looks after it; null: the agent. */
  assignee: string | null;
  /** Null when that person was erased. */
  createdBy: string | null;
  /** Number of its last message. */
  lastSeq: number;
  createdAt: Date;
  lastMessageAt: Date;
}

export const ConversationEntity = new EntitySchema<Conversation>({
  name: 'Conversation',
  tableName: 'conversations',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    id: { type: 'uuid', primary: true },
    agentId: { type: 'uuid' },
    title: { type: 'text' },
    status: { type: 'text' },
    assignee: { type: 'uuid', nullable: true },
    createdBy: { type: 'uuid', nullable: true },
    lastSeq: { type: 'integer' },
    createdAt: { type: 'timestamptz' },
    lastMessageAt: { type: 'timestamptz' },
  },
});
