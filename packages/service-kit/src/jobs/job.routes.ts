import { z } from 'zod';
import type { Transactional } from '../data/transactional.ts';
import { operationNameOf, route, type Route } from '../http/route.ts';
import { decodeCursor, IdParams, PageQuery, pageOf, toPage } from '../http/page.ts';
import { jobStates, type JobOperations, type JobRow } from './job.operations.ts';

const JobView = z
  .object({
    id: z.uuid(),
    kind: z.string(),
    state: z.enum(jobStates),
    step: z.string().nullable(),
    progress: z.int().meta({ description: 'Percent' }),
    attempts: z.int(),
    reason: z.string().nullable(),
    cancelRequested: z.boolean(),
    runAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Job' });

const JobsQuery = PageQuery.extend({
  state: z.enum(jobStates).optional(),
  kind: z.string().min(1).max(100).optional(),
});

const view = ({ runAt, createdAt, finishedAt, ...row }: JobRow): z.input<typeof JobView> => ({
  ...row,
  runAt: runAt.toISOString(),
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});

/** The jobs of the caller's workspace in this service. */
export const jobRoutes = (service: string, jobs: Transactional<JobOperations>): Route[] => [
  route({
    method: 'get',
    path: `/ops/${service}/jobs`,
    id: `list${operationNameOf(service)}Jobs`,
    summary: 'List jobs, newest first',
    permission: 'ops:read',
    query: JobsQuery,
    response: pageOf(JobView),
    handler: async ({ query: { limit, cursor, ...filter }, tenant }) => {
      const after = decodeCursor(cursor);
      const rows = await jobs.read(tenant, (operations) => operations.list(filter, limit + 1, after));
      return toPage(rows, limit, ({ createdAt, id }) => ({ at: createdAt.toISOString(), id }), view);
    },
  }),
  route({
    method: 'post',
    path: `/ops/${service}/jobs/:id/cancel`,
    id: `cancel${operationNameOf(service)}Job`,
    summary: 'Have a job stop; its state tells when it has',
    permission: 'ops:write',
    status: 202,
    params: IdParams,
    response: JobView,
    errors: [404, 409],
    // The transaction returns the whole answer, since it is what is kept under the Idempotency-Key.
    handler: ({ params, tenant }) => jobs.run(tenant, async (operations) => view(await operations.cancel(params.id))),
  }),
  route({
    method: 'post',
    path: `/ops/${service}/jobs/:id/retry`,
    id: `retry${operationNameOf(service)}Job`,
    summary: 'Try a job again that failed or was cancelled, or begin one that waits',
    permission: 'ops:write',
    status: 202,
    params: IdParams,
    response: JobView,
    errors: [404, 409],
    handler: ({ params, tenant }) => jobs.run(tenant, async (operations) => view(await operations.retry(params.id))),
  }),
];
