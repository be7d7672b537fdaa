import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';

/** What pg says without a code: of a statement that was under way, and of one that comes to a client that is gone. */
const MESSAGES = /^(Connection terminated|Client has encountered a connection error)/;
const CODES = /^(57P0[123]|08\w{3}|ECONNRESET|EPIPE|ECONNREFUSED)$/;

/** TypeORM takes a connection that ends between two statements from its transaction, whose next one then finds none. */
const isTakenAway = (error: Error): boolean =>
  error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError;

/** Whether the server ended the connection or cannot be reached (PostgreSQL Appendix A, classes 08 and 57; and sockets). */
export const isConnectionLost = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && CODES.test(error.code)) return true;
  return MESSAGES.test(error.message) || isTakenAway(error);
};
