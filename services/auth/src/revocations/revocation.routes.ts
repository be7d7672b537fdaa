import { listRevocations } from '@atrium/contracts';
import { route, type RevocationSource } from '@atrium/service-kit';

/** What the other services ask while they do not hear auth over Redis. Ids open nothing, so nobody has to prove who asks. */
export const revocationRoutes = ({ revocationSource }: { revocationSource: RevocationSource }) => [
  route({
    method: 'get',
    path: '/revocations',
    surface: 'internal',
    id: 'listRevocations',
    summary: 'Sessions and users whose tokens are no longer good',
    permission: 'public',
    query: listRevocations.request,
    response: listRevocations.response,
    handler: ({ query }) => revocationSource.load(query.since),
  }),
];
