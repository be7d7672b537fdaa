import { DocumentDeleted, VersionUploaded, type EntitlementsView } from '@atrium/contracts';
import { decodeCursor, notFound, toPage, type JobQueue, type Outbox } from '@atrium/service-kit';
import type { z } from 'zod';
import { processVersion } from '../processing/processing.job.ts';
import { beginMeasuring } from '../storage/storage.job.ts';
import { purgeDocument } from './purge.job.ts';
import type { Document, Version } from './document.entity.ts';
import { checkDocuments } from './document.limits.ts';
import type { DocumentView } from './document.schema.ts';
import type { DocumentStore } from './document.store.ts';

type View = z.input<typeof DocumentView>;

/** Bytes that have arrived and where they are kept. */
export interface ReceivedFile {
  versionId: string;
  fileName: string;
  mediaType: string;
  size: number;
  sha256: string;
  blobKey: string;
}

const present = (document: Document, version: Version): View => ({
  id: document.id,
  title: document.title,
  status: version.status,
  progress: version.progress,
  reason: version.reason,
  createdAt: document.createdAt.toISOString(),
  version: {
    id: version.id,
    number: version.number,
    mediaType: version.mediaType,
    size: version.size,
    sha256: version.sha256,
    pages: version.pages,
  },
});

/** Rules of documents: what is uploaded is processed, what is deleted is gone at once and purged after. */
export const createDocumentService = (parts: {
  documents: DocumentStore;
  outbox: Outbox;
  jobs: JobQueue;
  workspaceId: string;
  userId: string | undefined;
  now: () => Date;
}) => {
  const { documents, outbox, jobs, workspaceId, userId, now } = parts;

  const versionOf = async ({ latestVersionId }: Document): Promise<Version> =>
    (await documents.findVersion(latestVersionId)) ?? notFound('version', latestVersionId);

  const queue = async (document: Document, file: ReceivedFile, number: number): Promise<View> => {
    const { versionId: id, ...bytes } = file;
    const jobId = (await jobs.add(processVersion, { documentId: document.id, versionId: id }, { key: id })) ?? null;
    const version: Version = {
      ...bytes,
      id,
      workspaceId,
      documentId: document.id,
      number,
      status: 'queued',
      progress: 0,
      code: null,
      reason: null,
      pages: null,
      language: null,
      jobId,
      createdAt: now(),
    };
    await documents.addVersion(version);
    await beginMeasuring(jobs, workspaceId, now());
    const { mediaType, size } = file;
    await outbox.add(VersionUploaded, document.id, {
      documentId: document.id,
      versionId: id,
      title: document.title,
      mediaType,
      size,
    });
    return present(document, version);
  };

  return {
    /** @param allowed what the plan of the workspace allows; undefined: everything */
    async create(id: string, title: string, file: ReceivedFile, allowed?: EntitlementsView): Promise<View> {
      await checkDocuments(allowed, documents);
      const document: Document = {
        id,
        workspaceId,
        title,
        latestVersionId: file.versionId,
        currentVersionId: null,
        createdBy: userId ?? null,
        createdAt: now(),
        deletedAt: null,
      };
      await documents.add(document);
      return queue(document, file, 1);
    },

    /** The earlier version is searched until the new one is ready. */
    async addVersion(id: string, title: string | undefined, file: ReceivedFile): Promise<View> {
      const document = (await documents.lock(id)) ?? notFound('document', id);
      const { number } = await versionOf(document);
      const changes = { latestVersionId: file.versionId, title: title ?? document.title };
      await documents.change(id, changes);
      return queue({ ...document, ...changes }, file, number + 1);
    },

    async read(id: string): Promise<View> {
      const document = (await documents.find(id)) ?? notFound('document', id);
      return present(document, await versionOf(document));
    },

    /** The version whose bytes are given out. */
    async latestVersion(id: string): Promise<Version> {
      return versionOf((await documents.find(id)) ?? notFound('document', id));
    },

    async list({ limit, cursor }: { limit: number; cursor?: string | undefined }) {
      const rows = await documents.list({ take: limit + 1, before: decodeCursor(cursor)?.id });
      const versions = new Map(
        (await documents.findVersions(rows.map((row) => row.latestVersionId))).map((version) => [version.id, version]),
      );
      const shown = rows.flatMap((document) => {
        const version = versions.get(document.latestVersionId);
        return version ? [{ document, version }] : [];
      });
      return toPage(
        shown,
        limit,
        ({ document }) => ({ at: document.createdAt.toISOString(), id: document.id }),
        ({ document, version }) => present(document, version),
      );
    },

    async remove(id: string): Promise<void> {
      if ((await documents.lock(id)) === null) notFound('document', id);
      await documents.change(id, { deletedAt: now() });
      for (const { jobId } of await documents.unfinishedVersions(id)) if (jobId !== null) await jobs.cancel(jobId);
      await jobs.add(purgeDocument, { documentId: id }, { key: id });
      await outbox.add(DocumentDeleted, id, { documentId: id });
    },

    /** Whether a version was stored after all, for an upload whose transaction ended without a word. */
    hasVersion: async (id: string): Promise<boolean> => (await documents.findVersion(id)) !== null,
  };
};
export type DocumentService = ReturnType<typeof createDocumentService>;
