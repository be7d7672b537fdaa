import { EntitySchema } from 'typeorm';
import type { TextSearchConfig } from '../extraction/language.ts';
import type { VersionStatus } from './document.ts';

/** What people see as one document; its bytes are in its versions. */
export interface Document {
  id: string;
  workspaceId: string;
  title: string;
  /** The version uploaded last. */
  latestVersionId: string;
  /** The version that is searched: the newest one that became ready. */
  currentVersionId: string | null;
  createdBy: string | null;
  createdAt: Date;
  deletedAt: Date | null;
}

/** One upload of a document. */
export interface Version {
  id: string;
  workspaceId: string;
  documentId: string;
  /** Counted from 1. */
  number: number;
  fileName: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  blobKey: string;
  status: VersionStatus;
  /** 0–100. */
  progress: number;
  code: string | null;
  /** Why it failed, in words for the person who uploaded it. */
  reason: string | null;
  pages: number | null;
  language: TextSearchConfig | null;
  jobId: string | null;
  createdAt: Date;
}

export const DocumentEntity = new EntitySchema<Document>({
  name: 'Document',
  tableName: 'documents',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    title: { type: 'text' },
    latestVersionId: { type: 'uuid' },
    currentVersionId: { type: 'uuid', nullable: true },
    createdBy: { type: 'uuid', nullable: true },
    createdAt: { type: 'timestamptz' },
    deletedAt: { type: 'timestamptz', nullable: true },
  },
});

export const VersionEntity = new EntitySchema<Version>({
  name: 'Version',
  tableName: 'versions',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    documentId: { type: 'uuid' },
    number: { type: 'integer' },
    fileName: { type: 'text' },
    mediaType: { type: 'text' },
    // bigint arrives as text; a size is far below 2^53.
    size: { type: 'bigint', transformer: { from: Number, to: (size: number) => size } },
    sha256: { type: 'text' },
    blobKey: { type: 'text' },
    status: { type: 'text' },
    progress: { type: 'integer' },
    code: { type: 'text', nullable: true },
    reason: { type: 'text', nullable: true },
    pages: { type: 'integer', nullable: true },
    language: { type: 'text', nullable: true },
    jobId: { type: 'uuid', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});
