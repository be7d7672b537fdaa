import type { IncomingMessage, ServerResponse } from 'node:http';

const PATIENCE_MS = 1_000;

/** The rest of a refused body is thrown away for a moment, so that the answer reaches a client that is still sending. */
export const leaveUnread = (req: IncomingMessage, res: ServerResponse): void => {
  if (!res.headersSent) res.setHeader('connection', 'close');
  req.resume();
  const cut = setTimeout(() => req.destroy(), PATIENCE_MS);
  req.once('close', () => clearTimeout(cut));
};
