import type { RunUsage } from '@atrium/contracts';
import type { Citation } from '../runs/citations.ts';

/** What a client hears of a run, in order. After `run.restarted` it drops the text it has: all of it comes again. */
export type RunEventBody =
  | { type: 'run.started'; data: { runId: string; conversationId: string; model: string } }
  | { type: 'run.restarted'; data: { runId: string } }
  | { type: 'text.delta'; data: { text: string } }
  | { type: 'skill.started'; data: { name: string; arguments: unknown } }
  | { type: 'skill.completed'; data: { name: string; ok: boolean; summary: string } }
  | { type: 'message.completed'; data: { messageId: string; text: string; citations: Citation[] } }
  | { type: 'run.completed'; data: { usage: RunUsage[] } }
  | { type: 'run.failed' | 'run.cancelled'; data: { code: string; reason: string } };

/** An event with its number, which only grows within a run. */
export type RunEvent = RunEventBody & { seq: number };

/** More events than one attempt can have; each attempt numbers its own from a multiple of it. */
const SPAN = 1_000_000;

/**
 * The number of the first event of an attempt, from 1. Attempts need not know how far an earlier one came, and events
 * of a process that lost its run are always older than those of the one that took over.
 */
export const firstSeq = (attempt: number): number => (attempt - 1) * SPAN + 1;

/** Whether an event comes right after another one: it is the next, or a later attempt begins with it. */
export const follows = (after: number, seq: number): boolean =>
  seq === after + 1 || (seq > after && seq % SPAN === firstSeq(1));

/** Whether nothing comes after it. */
export const isTerminal = ({ type }: Pick<RunEvent, 'type'>): boolean =>
  type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled';

/** The Redis stream of a run's events, and the channel that tells of new ones. */
export const streamKey = (prefix: string, runId: string): string => `${prefix}:run:${runId}`;
export const signalChannel = (prefix: string, runId: string): string => `${prefix}:run:${runId}:signal`;
