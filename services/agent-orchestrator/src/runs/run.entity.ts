import type { RunUsage, SpendingTags } from '@atrium/contracts';
import type { RunEvent } from '../streaming/run.event.ts';
import { EntitySchema } from 'typeorm';

export const runStates = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
type RunState = (typeof runStates)[number];

/** The agent as it was when the message was sent: a run that is taken over goes on with the same one. */
export interface RunSetup {
  instructions: string;
  skills: string[];
  timeZone: string;
  /** What the run's spending belongs to, in the words of whoever sent the message. */
  tags?: SpendingTags | undefined;
  /** The API key that the message was sent with. */
  apiKeyId?: string | undefined;
}

/** One turn of an agent, from a message to its answer. */
export interface Run {
  id: string;
  workspaceId: string;
  conversationId: string;
  agentId: string;
  /** Who asked; the run has this person's rights. */
  userId: string;
  state: RunState;
  /** How many processes began to work on it; fences off the earlier ones. */
  attempt: number;
  code: string | null;
  reason: string | null;
  model: string;
  provider: string;
  setup: RunSetup;
  jobId: string | null;
  holdId: string | null;
  usage: RunUsage[];
  /** What billing took for it, in micro-units; null until it is settled. */
  cost: bigint | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** What its readers were told, once it ended. Read on its own: it is large. */
  events?: RunEvent[];
}

export const RunEntity = new EntitySchema<Run>({
  name: 'Run',
  tableName: 'runs',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    id: { type: 'uuid', primary: true },
    conversationId: { type: 'uuid' },
    agentId: { type: 'uuid' },
    userId: { type: 'uuid' },
    state: { type: 'text' },
    attempt: { type: 'integer' },
    code: { type: 'text', nullable: true },
    reason: { type: 'text', nullable: true },
    model: { type: 'text' },
    provider: { type: 'text' },
    setup: { type: 'jsonb' },
    jobId: { type: 'uuid', nullable: true },
    holdId: { type: 'uuid', nullable: true },
    usage: { type: 'jsonb' },
    cost: {
      type: 'bigint',
      nullable: true,
      transformer: {
        from: (text: string | null) => (text === null ? null : BigInt(text)),
        to: (amount: bigint | null) => (amount === null ? null : String(amount)),
      },
    },
    createdAt: { type: 'timestamptz' },
    startedAt: { type: 'timestamptz', nullable: true },
    finishedAt: { type: 'timestamptz', nullable: true },
    events: { type: 'jsonb', select: false },
  },
});
