import { z } from 'zod';

/** Who hears an event live over the WebSocket: every member of the workspace, the user who caused it, or nobody. */
export type LiveAudience = 'workspace' | 'user' | 'none';

/** The declaration of one event: its type, version and payload schema. */
export interface EventDefinition<Data extends z.ZodType = z.ZodType> {
  /** CloudEvents `type`: past tense, `<service>.<noun>.<verb>.v<version>`. */
  readonly type: string;
  readonly name: string;
  readonly version: number;
  readonly data: Data;
  readonly live: LiveAudience;
}

/**
 * Declares an event. A changed payload needs a new version: the committed JSON Schema of a version never changes.
 * @param name `<service>.<noun>.<verb>`, past tense
 */
export const defineEvent = <Data extends z.ZodType>(
  name: string,
  version: number,
  data: Data,
  options: { live?: LiveAudience } = {},
): EventDefinition<Data> => ({ type: `${name}.v${version}`, name, version, data, live: options.live ?? 'none' });

/** A CloudEvents 1.0 envelope with the `workspaceid` and `traceparent` extensions (JSON event format). */
export const EventEnvelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.iso.datetime(),
  subject: z.string().min(1),
  datacontenttype: z.literal('application/json'),
  workspaceid: z.uuid(),
  userid: z.uuid().optional(),
  traceparent: z.string().optional(),
  data: z.unknown(),
});
export type EventEnvelope = z.infer<typeof EventEnvelope>;
