import type { Readable } from 'node:stream';
import { DomainError, type Tenant, type Transactional } from '@atrium/service-kit';
import { BlobError, type BlobStore } from '../blobs/blob.store.ts';
import type { Version } from './document.entity.ts';
import type { DocumentService } from './document.service.ts';

/**
 * Opens the bytes of a document's latest version, outside of any transaction.
 * @throws DomainError 404 when the document, or its stored file, is not there
 */
export const createContent =
  (documents: Transactional<DocumentService>, blobs: Pick<BlobStore, 'get'>) =>
  async (tenant: Tenant, id: string): Promise<{ version: Version; bytes: Readable }> => {
    const version = await documents.read(tenant, (service) => service.latestVersion(id));
    try {
      return { version, bytes: await blobs.get(version.blobKey) };
    } catch (error) {
      if (!(error instanceof BlobError && error.code === 'blob.not_found')) throw error;
      const detail = 'The stored file is gone. Upload it again.';
      throw new DomainError('document.content_missing', 404, detail, { cause: error });
    }
  };
export type Content = ReturnType<typeof createContent>;
