import type { z } from 'zod';

/** One call between services: what goes in, what comes back. Its path is below the callee's base URL. */
export interface CallDefinition<Request extends z.ZodType = z.ZodType, Response extends z.ZodType = z.ZodType> {
  readonly service: string;
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly request: Request;
  readonly response: Response;
}

/** Declares a call; GET requests travel in the query, POST requests as JSON. */
export const defineCall = <Request extends z.ZodType, Response extends z.ZodType>(
  call: CallDefinition<Request, Response>,
): CallDefinition<Request, Response> => call;
