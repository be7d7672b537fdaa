import { searchDocuments } from '@atrium/contracts';
import { route, type Route } from '@atrium/service-kit';
import type { Search } from './search.ts';

export const searchRoutes = (search: Search): Route[] => [
  route({
    method: 'get',
    path: '/documents/search',
    id: 'searchDocuments',
    summary: 'Find passages by words and by likeness, with their page',
    permission: 'document:read',
    query: searchDocuments.request,
    response: searchDocuments.response,
    handler: ({ tenant, query, signal }) => search(tenant, query, signal),
  }),
];
