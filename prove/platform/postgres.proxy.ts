import { readReadiness, readStatements } from './postgres.wire.ts';
import { startTcpProxy, type TcpProxy } from './tcp.proxy.ts';

/** What becomes of a statement: it never arrives, or it is carried out and nobody is told. */
export type StatementFate = 'pass' | 'lose' | 'hide';

/** A statement as it passes. */
interface PassingStatement {
  readonly text: string;
  /** The message that has it run, with its values. */
  readonly message: Buffer;
  /** The connection it is sent on, told apart from all others. */
  readonly connection: symbol;
}
type StatementJudge = (statement: PassingStatement) => StatementFate;

/** A line to Postgres that knows what is said on it. */
export interface PostgresProxy extends TcpProxy {
  /** Decides on each statement from now on; undefined lets all pass. */
  judge(fate: StatementJudge | undefined): void;
}

/** Whether a statement ends a transaction of its own accord: a COMMIT, or a batch of the books, which is one statement. */
export const commits = (text: string): boolean => /^\s*commit\b/i.test(text) || text.includes('ledger_apply(');

/** Forwards to a Postgres without TLS. */
export const startPostgresProxy = async (
  target: { host: string; port: number },
  next?: () => number,
): Promise<PostgresProxy> => {
  let fate: StatementJudge | undefined;
  const inspect = () => {
    let doomed: StatementFate = 'pass';
    let over = false;
    const connection = Symbol('connection');
    const statements = readStatements((text, message) => {
      if (doomed === 'pass') doomed = fate?.({ text, message, connection }) ?? 'pass';
    });
    const readiness = readReadiness(() => (over = doomed === 'hide'));
    return {
      toServer(chunk: Buffer): boolean {
        statements(chunk);
        return doomed !== 'lose';
      },
      toClient(chunk: Buffer) {
        readiness(chunk);
        if (over) return 'end' as const;
        return doomed === 'hide' ? ('drop' as const) : ('pass' as const);
      },
    };
  };
  const proxy = await startTcpProxy(target, { inspect, ...(next ? { next } : {}) });
  return Object.assign(proxy, { judge: (given: typeof fate): void => void (fate = given) });
};
