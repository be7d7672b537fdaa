import {
  IdParams,
  route,
  streamEvents,
  type Route,
  type ServerSentEvent,
  type Transactional,
} from '@atrium/service-kit';
import type { RunEvent } from '../streaming/run.event.ts';
import { readRun } from '../streaming/run.reader.ts';
import type { RunSignals } from '../streaming/run.signals.ts';
import type { RunStream } from '../streaming/run.stream.ts';
import { EventsQuery, RunView } from './run.schema.ts';
import type { RunService } from './run.service.ts';

const lastEventId = (header: string | undefined): number | undefined =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;

async function* asServerSent(events: AsyncIterable<RunEvent>): AsyncGenerator<ServerSentEvent> {
  for await (const { seq, type, data } of events) yield { id: String(seq), event: type, data };
}

export const runRoutes = (runs: Transactional<RunService>, stream: RunStream, signals: RunSignals): Route[] => [
  route({
    method: 'get',
    path: '/runs/:id',
    id: 'readRun',
    summary: 'Read a run',
    permission: 'conversation:read',
    params: IdParams,
    response: RunView,
    errors: [404],
    handler: ({ params, tenant }) => runs.read(tenant, (service) => service.read(params.id)),
  }),
  route({
    method: 'post',
    path: '/runs/:id/cancel',
    id: 'cancelRun',
    summary: 'Ask a run to stop; it has when its state is cancelled',
    permission: 'conversation:write',
    status: 202,
    params: IdParams,
    response: RunView,
    errors: [404, 409],
    handler: ({ params, tenant }) => runs.run(tenant, (service) => service.cancel(params.id)),
  }),
  route({
    method: 'get',
    path: '/runs/:id/events',
    id: 'streamRun',
    summary: 'Follow a run as server-sent events; Last-Event-ID continues after an interruption',
    permission: 'conversation:read',
    params: IdParams,
    query: EventsQuery,
    produces: 'text/event-stream',
    errors: [404],
    async handler({ params, query, req, res, tenant, signal }) {
      const runId = params.id;
      const after = lastEventId(req.get('last-event-id')) ?? query.after;
      const ended = () => runs.read(tenant, (service) => service.endedEvents(runId));
      const stored = await ended();
      // 204 tells an EventSource that there is nothing left to come back for.
      if (stored && (stored.at(-1)?.seq ?? 0) <= after) return void res.status(204).end();
      await streamEvents(res, asServerSent(readRun({ runId, after, ended, stream, signals, signal })), signal);
    },
  }),
];
