import { defineService, startLoop, transactional, type ServiceContext, type Unit } from '@atrium/service-kit';
import { createBlobCleanup } from './blobs/blob.cleanup.ts';
import { openBlobs } from './blobs/open.blobs.ts';
import { Config } from './config.ts';
import { createContent } from './documents/content.ts';
import { DocumentEntity, VersionEntity } from './documents/document.entity.ts';
import { documentRoutes } from './documents/document.routes.ts';
import { createDocumentService } from './documents/document.service.ts';
import { createDocumentStore } from './documents/document.store.ts';
import { purgeHandler } from './documents/purge.job.ts';
import { documentEffect, erasureSteps, versionEffect } from './erasure/erasure.steps.ts';
import { createExtractor } from './extraction/extractor.ts';
import { Audit1777000000001 } from './migrations/audit.migration.ts';
import { versionGauges } from './gauges/version.gauges.ts';
import { Documents1767225600000 } from './migrations/documents.migration.ts';
import { TextSearch1767225600001 } from './migrations/text-search.migration.ts';
import { VectorSearch1767225600002 } from './migrations/vector-search.migration.ts';
import { VersionTotals1767225600040 } from './migrations/version.totals.migration.ts';
import { openEmbedder } from './processing/open.embedder.ts';
import { processingHandler } from './processing/processing.jobs.ts';
import { createProcessingService } from './processing/processing.service.ts';
import { createChunkStore } from './search/chunk.store.ts';
import { searchRoutes } from './search/search.routes.ts';
import { createSearchService } from './search/search.service.ts';
import { createSearch } from './search/search.ts';
import { openVectorStorage } from './search/vector.store.ts';
import { createFileReceiver } from './uploads/file.receiver.ts';
import { uploadRoutes } from './uploads/upload.routes.ts';
import { createUploads } from './uploads/upload.ts';

const CLEANUP_MS = 3_600_000;

const compose = async ({ config, runtime, log }: ServiceContext<Config>) => {
  const embedder = openEmbedder(config);
  const [blobs, vectors] = await Promise.all([openBlobs(config), openVectorStorage(runtime.db)]);
  log.info({ embedder: embedder.id, vectors: vectors.kind }, 'search is set up');

  const documents = transactional(runtime, ({ manager, tenant, outbox, jobs }) =>
    createDocumentService({
      documents: createDocumentStore(manager, tenant),
      outbox,
      jobs,
      workspaceId: tenant.workspaceId,
      userId: tenant.userId,
      now: () => new Date(),
    }),
  );
  const makeProcessing = ({ manager, tenant, outbox }: Unit) =>
    createProcessingService({
      documents: createDocumentStore(manager, tenant),
      chunks: createChunkStore(manager, tenant, vectors),
      outbox,
    });
  const search = transactional(runtime, ({ manager, tenant }) =>
    createSearchService({
      chunks: createChunkStore(manager, tenant, vectors),
      vectors: vectors.index(manager, tenant),
    }),
  );
  const cleanUp = createBlobCleanup({
    blobs,
    documents: transactional(runtime, ({ manager, tenant }) => createDocumentStore(manager, tenant)),
    now: Date.now,
    log,
  });
  return {
    runtime,
    blobs,
    documents,
    content: createContent(documents, blobs),
    search: createSearch({ search, embedder, log }),
    uploads: createUploads({
      receiver: createFileReceiver({ blobs, maxBytes: config.MAX_UPLOAD_BYTES }),
      documents,
      log,
    }),
    processing: processingHandler({
      versions: transactional(runtime, makeProcessing),
      makeService: makeProcessing,
      blobs,
      extractor: createExtractor(),
      embedder,
      log,
    }),
    purge: purgeHandler({
      blobs,
      chunks: transactional(runtime, ({ manager, tenant }) => createChunkStore(manager, tenant, vectors)),
    }),
    cleanup: startLoop({
      name: 'blob cleanup',
      intervalMs: CLEANUP_MS,
      log,
      step: async () => {
        await cleanUp();
        return false;
      },
    }),
  };
};

/** What is known: upload, processing, search. */
export const service = defineService({
  name: 'document',
  schema: 'document',
  config: Config,
  entities: [DocumentEntity, VersionEntity],
  migrations: [
    Documents1767225600000,
    TextSearch1767225600001,
    VectorSearch1767225600002,
    VersionTotals1767225600040,
    Audit1777000000001,
  ],
  compose,
  routes: ({ documents, content, uploads, search }) => [
    ...documentRoutes(documents, content),
    ...uploadRoutes(uploads),
    ...searchRoutes(search),
  ],
  gauges: ({ runtime }) => [versionGauges(runtime)],
  jobs: ({ processing, purge }) => [processing, purge],
  erasure: {
    steps: erasureSteps,
    effects: ({ blobs }) => ({ versions: versionEffect(blobs), documents: documentEffect(blobs) }),
  },
  // Without the blob store documents can still be listed and searched.
  checks: ({ blobs }) => [{ name: 'blobs', vital: false, check: () => blobs.check() }],
  close: ({ cleanup }) => cleanup.stop(),
});
