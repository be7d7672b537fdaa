import type { EntitlementsView } from '@atrium/contracts';
import {
  DomainError,
  newId,
  type EntitlementSource,
  type Logger,
  type Tenant,
  type Transactional,
} from '@atrium/service-kit';
import type { DocumentService, ReceivedFile } from '../documents/document.service.ts';
import { checkSize } from '../documents/document.limits.ts';
import type { FileReceiver } from './file.receiver.ts';
import type { ReadUpload } from './upload.form.ts';

type Uploader = Tenant & { readonly userId: string };

/**
 * Takes an upload in: bytes first, then one transaction with everything that tells of them. When that fails the bytes
 * go again, unless it turns out that they were committed after all.
 */
export const createUploads = (parts: {
  receiver: FileReceiver;
  documents: Transactional<DocumentService>;
  entitlements: EntitlementSource;
  log: Logger;
}) => {
  const { receiver, documents, entitlements, log } = parts;

  const discard = async (tenant: Tenant, file: ReceivedFile): Promise<void> => {
    try {
      const stored = await documents.read(tenant, (service) => service.hasVersion(file.versionId));
      if (!stored) await receiver.discard(file);
    } catch (error) {
      log.warn({ err: error, blob: file.blobKey }, 'an upload could not be undone; the cleanup removes it in a day');
    }
  };

  const receive = async <Result>(
    tenant: Uploader,
    documentId: string,
    read: ReadUpload,
    store: (
      service: DocumentService,
      title: string | undefined,
      file: ReceivedFile,
      allowed: EntitlementsView | undefined,
    ) => Promise<Result>,
  ): Promise<Result> => {
    let file: ReceivedFile | undefined;
    const allowed = await entitlements.of(tenant);
    const { maxBytes } = receiver;
    const limit = Math.min(maxBytes, allowed?.entitlements.maxUploadBytes ?? maxBytes);
    try {
      const { title } = await read(async (stream, fileName) => {
        const ids = { workspaceId: tenant.workspaceId, documentId, versionId: newId() };
        file = await receiver.receive(stream, { fileName, ...ids, maxBytes: limit });
      }, limit);
      const received = file;
      if (received === undefined) throw new Error('an upload was read without its file');
      return await documents.run(tenant, (service) => store(service, title, received, allowed));
    } catch (error) {
      if (file !== undefined) await discard(tenant, file);
      if (error instanceof DomainError && error.code === 'document.too_large') checkSize(allowed, limit + 1);
      throw error;
    }
  };

  return {
    create: (tenant: Uploader, read: ReadUpload) => {
      const documentId = newId();
      return receive(tenant, documentId, read, (service, title, file, allowed) =>
        service.create(documentId, title ?? file.fileName, file, allowed),
      );
    },

    async addVersion(tenant: Uploader, documentId: string, read: ReadUpload) {
      // Before the first byte is taken: nobody should send a large file to a document that is not there.
      await documents.read(tenant, (service) => service.read(documentId));
      return receive(tenant, documentId, read, (service, title, file) => service.addVersion(documentId, title, file));
    },
  };
};
export type Uploads = ReturnType<typeof createUploads>;
