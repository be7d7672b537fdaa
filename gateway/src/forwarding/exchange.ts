import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request on its way to a service. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Path and query as the service sees them. */
  readonly url: string;
  /** Flat list of names and values that the service gets. */
  readonly headers: string[];
  readonly hasBody: boolean;
  /** Largest body in bytes. */
  readonly bodyLimit: number;
}

/** Where a forwarder tells what came of an exchange. */
export interface Outcome {
  /** The service has begun to answer. */
  answered(): void;
  /** It failed, before or after the answer began: by the service, by a body that is too large, by a client that left. */
  failed(error: unknown): void;
}

/** Carries exchanges to one service. */
export interface Forwarder {
  forward(exchange: Exchange, outcome: Outcome): void;
  /** Ends what would otherwise go on for as long as the client likes. */
  endStreams(): void;
  close(): Promise<void>;
}

/** Times of one service, in milliseconds, and how many connections it gets. */
export interface UpstreamSettings {
  readonly connections: number;
  readonly connectMs: number;
  readonly answerMs: number;
  readonly idleMs: number;
}
