import pg from 'pg';

/** One statement as a service sent it. */
export interface SentQuery {
  /** The database role that sent it, such as `atrium_billing`. */
  readonly user: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Listens to the statements of every database client of this process. */
export interface QueryRecorder {
  /** What is sent while `work` runs. */
  during<Result>(work: () => Promise<Result>): Promise<{ result: Result; sent: SentQuery[] }>;
  stop(): void;
}

type Query = (this: pg.Client, ...args: unknown[]) => unknown;

const readCall = (args: readonly unknown[]): { text: string; values: readonly unknown[] } | undefined => {
  const [first, second] = args;
  const config =
    typeof first === 'object' && first !== null ? (first as { text?: unknown; values?: unknown }) : undefined;
  const text = config ? config.text : first;
  const values = config?.values ?? second;
  return typeof text === 'string' ? { text, values: Array.isArray(values) ? values : [] } : undefined;
};

/** Clients bind the method when they are made, so this comes before the services are started. */
export const recordQueries = (): QueryRecorder => {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const plain = prototype.query;
  const listeners = new Set<(query: SentQuery) => void>();
  prototype.query = function (...args) {
    const call = listeners.size > 0 ? readCall(args) : undefined;
    if (call) for (const listener of listeners) listener({ user: this.user ?? '', ...call });
    return plain.apply(this, args);
  };
  return {
    async during(work) {
      const sent: SentQuery[] = [];
      const listener = (query: SentQuery): void => void sent.push(query);
      listeners.add(listener);
      try {
        return { result: await work(), sent };
      } finally {
        listeners.delete(listener);
      }
    },
    stop: () => void (prototype.query = plain),
  };
};
