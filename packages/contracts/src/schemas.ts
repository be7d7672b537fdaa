import { z } from 'zod';
import { subscriptions } from './subscriptions.ts';

/** JSON Schema (draft 2020-12) of every event's `data`, by type; committed under `schemas/` and compared by the check. */
export const eventSchemas = (): Record<string, unknown> =>
  Object.fromEntries(subscriptions.map(({ event }) => [event.type, z.toJSONSchema(event.data)]));
