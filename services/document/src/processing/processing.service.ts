import { VersionFailed, VersionProcessed } from '@atrium/contracts';
import { conflict, type JobFailure, type Outbox } from '@atrium/service-kit';
import { isFinal, type VersionStatus } from '../documents/document.ts';
import type { Document, Version } from '../documents/document.entity.ts';
import type { DocumentStore } from '../documents/document.store.ts';
import type { TextSearchConfig } from '../extraction/language.ts';
import type { ChunkStore, IndexedChunk } from '../search/chunk.store.ts';

/** What processing found in a version. */
export interface ProcessedVersion {
  pages: number | null;
  language: TextSearchConfig;
  embedder: string;
  chunks: readonly IndexedChunk[];
}

/** Failures of the machinery, which say nothing to the person who uploaded. */
const REASONS: Record<string, string> = {
  'job.failed': 'The file could not be processed, although it was tried several times. Upload it again later.',
  'job.deadline': 'Processing took too long. Split the file into smaller ones and upload those.',
};

/** Rules of processing: a version moves forward only, and its chunks appear all at once. */
export const createProcessingService = (parts: {
  documents: DocumentStore;
  chunks: Pick<ChunkStore, 'add' | 'removeDocument'>;
  outbox: Outbox;
}) => {
  const { documents, chunks, outbox } = parts;

  /** The version with its document locked; undefined when the document was deleted or the version is final. */
  const open = async (versionId: string): Promise<{ document: Document; version: Version } | undefined> => {
    const { documentId } = (await documents.findVersion(versionId)) ?? {};
    const document = documentId === undefined ? null : await documents.lock(documentId);
    // Read again: another attempt may have ended while the lock was waited for.
    const version = document && (await documents.findVersion(versionId));
    return document && version && !isFinal(version.status) ? { document, version } : undefined;
  };

  return {
    /** Notes where processing is. Undefined when there is nothing left to process. */
    async advance(versionId: string, status: VersionStatus, progress: number): Promise<Version | undefined> {
      const found = await open(versionId);
      if (found === undefined) return undefined;
      await documents.changeVersion(versionId, { status, progress });
      return found.version;
    },

    /** Makes a version searchable in place of the one before it. False when there is nothing left to process. */
    async finish(versionId: string, { pages, language, embedder, chunks: made }: ProcessedVersion): Promise<boolean> {
      const found = await open(versionId);
      if (found === undefined) return false;
      const { document, version } = found;
      const { id: documentId, title, currentVersionId } = document;
      const current = currentVersionId === null ? null : await documents.findVersion(currentVersionId);
      // Uploaded earlier and finished later: the newer one stays the one that is searched.
      if (current === null || current.number < version.number) {
        await chunks.removeDocument(documentId);
        await chunks.add({ documentId, versionId, language, embedder }, made);
        await documents.change(documentId, { currentVersionId: versionId });
      }
      await documents.changeVersion(versionId, { status: 'ready', progress: 100, pages, language });
      await outbox.add(VersionProcessed, documentId, { documentId, versionId, title, pages, chunks: made.length });
      return true;
    },

    /** Ends a version without a searchable text; quietly when its document was deleted. */
    async giveUp(versionId: string, { outcome, code, reason: given }: JobFailure): Promise<void> {
      const { documentId = '' } = (await documents.findVersion(versionId)) ?? {};
      const document = documentId === '' ? null : await documents.lock(documentId);
      const version = await documents.findVersion(versionId);
      if (version === null || isFinal(version.status)) return;
      const reason = REASONS[code] ?? given;
      await documents.changeVersion(versionId, { status: outcome, code, reason });
      if (document === null) return;
      const { title } = document;
      await outbox.add(VersionFailed, documentId, { documentId, versionId, title, code, reason });
    },

    /** Has a version processed again that was given up. @throws DomainError 409 `document.version_final` */
    async reopen(versionId: string): Promise<void> {
      const { documentId = '' } = (await documents.findVersion(versionId)) ?? {};
      const document = documentId === '' ? null : await documents.lock(documentId);
      const version = await documents.findVersion(versionId);
      if (!document || !version || (version.status !== 'failed' && version.status !== 'cancelled'))
        throw conflict('document.version_final', 'The document was deleted, or this version is not one that failed.');
      await documents.changeVersion(versionId, { status: 'queued', progress: 0, code: null, reason: null });
    },
  };
};
export type ProcessingService = ReturnType<typeof createProcessingService>;
