import { auditSteps, erases, releases, type ErasureEffect, type ErasureStep } from '@atrium/service-kit';
import type { Redis } from 'ioredis';
import { UNTITLED } from '../conversations/conversation.ts';
import { streamKey } from '../streaming/run.event.ts';

const OWN_RUNS = `select id from runs where workspace_id = :workspace and user_id = :user`;
const isEmpty = (table: string): string =>
  `not exists (select 1 from ${table} x
     where x.workspace_id = conversations.workspace_id and x.conversation_id = conversations.id)`;

/**
 * What an erasure does with each table. In a workspace that goes on, a person's questions go with their answers and
 * runs; a conversation goes when nothing of anybody else is left in it, and agents stay.
 */
export const erasureSteps: readonly ErasureStep[] = [
  // Work that is under way for the person ends; its process notices that the job is gone.
  erases('jobs', { ofUser: 'user_id = :user' }),
  erases('run_steps', { ofUser: `run_id in (${OWN_RUNS})` }),
  erases('messages', { ofUser: `created_by = :user or run_id in (${OWN_RUNS})` }),
  erases('runs', { ofUser: 'user_id = :user' }),
  erases('conversations', { ofUser: `created_by = :user and ${isEmpty('messages')} and ${isEmpty('runs')}` }),
  // A title is made from the first message.
  releases('conversations', `created_by = null, title = '${UNTITLED}'`, { ofUser: 'created_by = :user' }),
  releases('conversations', 'assignee = null', { kind: 'assignments', ofUser: 'assignee = :user' }),
  erases('agents'),
  ...auditSteps,
];

/** The events of runs that are still in Redis. */
export const runEffect = (redis: Redis, prefix: string): ErasureEffect => ({
  columns: ['id'],
  run: async (rows) => ({
    run_streams: await redis.unlink(...rows.map(({ id }) => streamKey(prefix, String(id)))),
  }),
});
