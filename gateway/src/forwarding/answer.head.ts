import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { isAnswered } from '../entry/passing.headers.ts';

/** Whether an answer is a stream of events, which has to leave as it comes, its headers first. */
export const isEventStream = (headers: IncomingHttpHeaders): boolean =>
  headers['content-type']?.startsWith('text/event-stream') ?? false;

/** Takes over status and headers of a service's answer; where both say something, the service knows better. */
export const writeAnswerHead = (res: ServerResponse, status: number, headers: IncomingHttpHeaders): void => {
  res.statusCode = status;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || !isAnswered(name)) continue;
    if (name === 'vary') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
};
