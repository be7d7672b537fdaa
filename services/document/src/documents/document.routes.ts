import { pipeline } from 'node:stream/promises';
import { IdParams, pageOf, PageQuery, route, type Route, type Transactional } from '@atrium/service-kit';
import type { Content } from './content.ts';
import { DocumentView } from './document.schema.ts';
import type { DocumentService } from './document.service.ts';

export const documentRoutes = (documents: Transactional<DocumentService>, openContent: Content): Route[] => [
  route({
    method: 'get',
    path: '/documents',
    id: 'listDocuments',
    summary: 'List documents, newest first',
    permission: 'document:read',
    query: PageQuery,
    response: pageOf(DocumentView),
    handler: ({ tenant, query }) => documents.read(tenant, (service) => service.list(query)),
  }),
  route({
    method: 'get',
    path: '/documents/:id',
    id: 'readDocument',
    summary: 'Read a document and how far its processing is',
    permission: 'document:read',
    params: IdParams,
    response: DocumentView,
    errors: [404],
    handler: ({ tenant, params }) => documents.read(tenant, (service) => service.read(params.id)),
  }),
  route({
    method: 'delete',
    path: '/documents/:id',
    id: 'deleteDocument',
    summary: 'Delete a document; it is gone at once and its bytes shortly after',
    permission: 'document:write',
    params: IdParams,
    errors: [404],
    handler: ({ tenant, params }) => documents.run(tenant, (service) => service.remove(params.id)),
  }),
  route({
    method: 'get',
    path: '/documents/:id/content',
    id: 'downloadDocument',
    summary: 'Download the file as it was uploaded last',
    permission: 'document:read',
    params: IdParams,
    produces: 'application/octet-stream',
    errors: [404],
    handler: async ({ tenant, params, res, signal }) => {
      const { version, bytes } = await openContent(tenant, params.id);
      // Somebody else's file must never run as a page of ours.
      res.attachment(version.fileName).set('content-security-policy', "sandbox; default-src 'none'");
      // Set as it is: Express would name a character set, and a text may be in any.
      res.setHeader('content-type', version.mediaType).setHeader('content-length', version.size);
      await pipeline(bytes, res).catch((error: unknown) => {
        // A client that leaves in the middle is no failure.
        if (!signal.aborted) throw error;
      });
    },
  }),
];
