const CODES = /^(57P0[123]|08\w{3}|ECONNRESET|EPIPE|ECONNREFUSED)$/;

/** Whether the server ended the connection or cannot be reached (PostgreSQL Appendix A, classes 08 and 57; and sockets). */
export const isConnectionLost = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && CODES.test(error.code)) return true;
  return error.message.startsWith('Connection terminated');
};
