import { EntitySchema } from 'typeorm';
import type { Citation } from '../runs/citations.ts';

/** One message; `seq` orders a conversation without gaps. Both the question and the answer name their run. */
export interface Message {
  id: string;
  workspaceId: string;
  conversationId: string;
  seq: number;
  role: 'user' | 'assistant';
  text: string;
  citations: Citation[];
  runId: string;
  /** Who wrote it; null: the agent. */
  createdBy: string | null;
  createdAt: Date;
}

export const MessageEntity = new EntitySchema<Message>({
  name: 'Message',
  tableName: 'messages',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    id: { type: 'uuid', primary: true },
    conversationId: { type: 'uuid' },
    seq: { type: 'integer' },
    role: { type: 'text' },
    text: { type: 'text' },
    citations: { type: 'jsonb' },
    runId: { type: 'uuid' },
    createdBy: { type: 'uuid', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});
