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
  /** Whether it is part of a transaction that was begun before. */
  readonly inTransaction: boolean;
}
type StatementJudge = (statement: PassingStatement) => StatementFate;

/** A line to Postgres that knows what is said on it. */
export interface PostgresProxy extends TcpProxy {
  /** Decides on each statement from now on; undefined lets all pass. */
  judge(fate: StatementJudge | undefined): void;
}

/**
 * Whether a statement commits: a COMMIT, or a batch of the books that is a transaction by itself. Inside of another
 * transaction the books only move when that one commits.
 */
export const commits = ({ text, inTransaction }: Pick<PassingStatement, 'text' | 'inTransaction'>): boolean =>
  /^\s*commit\b/i.test(text) || (!inTransaction && text.includes('ledger_apply('));

/** Follows whether a connection is in a transaction by what is said on it. @returns whether it was before the statement */
export const followTransactions = (): ((text: string) => boolean) => {
  let open = false;
  return (text) => {
    const before = open;
    if (/^\s*(?:begin|start transaction)\b/i.test(text)) open = true;
    else if (/^\s*(?:commit|end|abort|rollback(?!\s+to))\b/i.test(text)) open = false;
    return before;
  };
};

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
    const follow = followTransactions();
    const statements = readStatements((text, message) => {
      const inTransaction = follow(text);
      if (doomed === 'pass') doomed = fate?.({ text, message, connection, inTransaction }) ?? 'pass';
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
