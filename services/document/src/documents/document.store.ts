import type { Tenant } from '@atrium/service-kit';
import { In, IsNull, LessThan, type EntityManager } from 'typeorm';
import { DocumentEntity, VersionEntity, type Document, type Version } from './document.entity.ts';

/** The documents and versions of one workspace. */
export const createDocumentStore = (manager: EntityManager, { workspaceId }: Pick<Tenant, 'workspaceId'>) => ({
  find: (id: string): Promise<Document | null> =>
    manager.findOneBy(DocumentEntity, { workspaceId, id, deletedAt: IsNull() }),

  /** Finds a document and keeps everybody else from changing it until the transaction ends. */
  lock: (id: string): Promise<Document | null> =>
    manager.findOne(DocumentEntity, {
      where: { workspaceId, id, deletedAt: IsNull() },
      lock: { mode: 'pessimistic_write' },
    }),

  /** Newest first; ids grow with time. */
  list: (page: { take: number; before?: string | undefined }): Promise<Document[]> =>
    manager.find(DocumentEntity, {
      where: { workspaceId, deletedAt: IsNull(), ...(page.before === undefined ? {} : { id: LessThan(page.before) }) },
      order: { id: 'desc' },
      take: page.take,
    }),

  async add(document: Document): Promise<void> {
    await manager.insert(DocumentEntity, document);
  },

  async change(id: string, changes: Partial<Document>): Promise<void> {
    await manager.update(DocumentEntity, { workspaceId, id }, changes);
  },

  findVersion: (id: string): Promise<Version | null> => manager.findOneBy(VersionEntity, { workspaceId, id }),

  findVersions: (ids: string[]): Promise<Version[]> => manager.findBy(VersionEntity, { workspaceId, id: In(ids) }),

  unfinishedVersions: (documentId: string): Promise<Version[]> =>
    manager.findBy(VersionEntity, {
      workspaceId,
      documentId,
      status: In(['queued', 'extracting', 'chunking', 'embedding']),
    }),

  async addVersion(version: Version): Promise<void> {
    await manager.insert(VersionEntity, version);
  },

  async changeVersion(id: string, changes: Partial<Version>): Promise<void> {
    await manager.update(VersionEntity, { workspaceId, id }, changes);
  },

  /** Bytes of all versions of documents that are there. */
  async storedBytes(): Promise<number> {
    const [row]: [{ bytes: string }] = await manager.query(
      `select coalesce(sum(v.size), 0) as bytes
       from versions v join documents d on d.workspace_id = v.workspace_id and d.id = v.document_id
       where v.workspace_id = $1 and d.deleted_at is null`,
      [workspaceId],
    );
    return Number(row.bytes);
  },

  /** Documents that are there. Others of the workspace wait to count until this transaction ends. */
  async count(): Promise<number> {
    await manager.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`documents of ${workspaceId}`]);
    return manager.countBy(DocumentEntity, { workspaceId, deletedAt: IsNull() });
  },

  /** Of the given versions, those whose bytes must stay: of a document that is there, or was until `deletedAfter`. */
  async keptVersions(ids: string[], deletedAfter: Date): Promise<Set<string>> {
    const rows: { id: string }[] = await manager.query(
      `select v.id from versions v join documents d on d.workspace_id = v.workspace_id and d.id = v.document_id
       where v.workspace_id = $1 and v.id = any($2::uuid[]) and (d.deleted_at is null or d.deleted_at > $3)`,
      [workspaceId, ids, deletedAfter],
    );
    return new Set(rows.map(({ id }) => id));
  },
});
export type DocumentStore = ReturnType<typeof createDocumentStore>;
