import type { IncomingMessage } from 'node:http';

const PATIENCE_MS = 1_000;

/**
 * Throws away what is left of a refused body. When it has not all come, this goes on for a moment, so that the answer
 * reaches a client that is still sending; then the connection ends. Left where it is, it would block the connection.
 * The answer must not say `connection: close`: Node would end the connection at once, and the answer could be lost.
 */
export const leaveUnread = (req: IncomingMessage): void => {
  // A pipe that ends later would pause the request again.
  req.unpipe();
  req.resume();
  if (req.complete) return;
  const cut = setTimeout(() => req.destroy(), PATIENCE_MS);
  req.once('close', () => clearTimeout(cut));
};
