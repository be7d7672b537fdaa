import type { FakeGate } from './gate.ts';

/** A tool call the fake model makes; its arguments are sent as several pieces. */
export interface FakeToolCall {
  id?: string;
  name: string;
  arguments: Record<string, unknown> | string;
}

/** A streamed answer. */
export interface FakeAnswer {
  /** Sent one by one, each as its own event. */
  chunks?: string[];
  /** Sent word by word. */
  text?: string;
  toolCalls?: FakeToolCall[];
  /** null: the provider never says. */
  usage?: { input: number; output: number; cached?: number } | null;
  finish?: 'stop' | 'tool_calls' | 'length' | 'content_filter';
  /** The fake stops at the gate after the first chunk until the test opens it. */
  gate?: FakeGate;
  /** The connection breaks after this many chunks. */
  cutAfter?: number;
  /** The answer stops after this many chunks, and the connection ends as if it were complete. */
  endAfter?: number;
  /** An error event comes after this many chunks. */
  errorAfter?: number;
}

/** A refusal, in the vendor's error shape. */
export interface FakeRefusal {
  status: number;
  type?: string;
  code?: string;
  message?: string;
  /** Seconds, as the header says it. */
  retryAfter?: number;
}

/** Silence: without headers, or after them. */
interface FakeSilence {
  hang: 'before_headers' | 'after_headers';
}

export type FakeReply = FakeAnswer | FakeRefusal | FakeSilence;

/** What was asked of a fake. */
export interface FakeRequest {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
  /** Resolves when the client has gone, or the answer was complete. */
  closed: Promise<void>;
}

/** Replies in turn, the last one again and again; or a function that decides. */
export type FakeScript = readonly FakeReply[] | ((request: FakeRequest, index: number) => FakeReply);

export const DEFAULT_REPLY: FakeAnswer = { text: 'Hello from the fake model.' };

export const chunksOf = (answer: FakeAnswer): string[] =>
  answer.chunks ?? answer.text?.match(/\S+\s*/g) ?? (answer.toolCalls ? [] : ['']);

/** A tool call's arguments in pieces that split words, as real streams do. */
export const argumentPieces = (call: FakeToolCall): string[] => {
  const text = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
  return text.match(/.{1,7}/gsu) ?? [];
};

export const usageOf = (answer: FakeAnswer) =>
  answer.usage === undefined ? { input: 12, output: 9, cached: 0 } : answer.usage && { cached: 0, ...answer.usage };
