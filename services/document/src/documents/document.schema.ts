import { z } from 'zod';
import { TITLE_CHARACTERS, versionStatuses } from './document.ts';

export const Title = z.string().trim().min(1).max(TITLE_CHARACTERS);

const DocumentVersionView = z
  .object({
    id: z.uuid(),
    number: z.int().positive(),
    mediaType: z.string(),
    size: z.int().nonnegative().meta({ description: 'Bytes.' }),
    sha256: z.string(),
    pages: z.int().nonnegative().nullable(),
  })
  .meta({ id: 'DocumentVersion' });

export const DocumentView = z
  .object({
    id: z.uuid(),
    title: z.string(),
    status: z.enum(versionStatuses).meta({ description: 'Of the version uploaded last.' }),
    progress: z.int().min(0).max(100),
    reason: z.string().nullable().meta({ description: 'Why processing failed, for people.' }),
    createdAt: z.iso.datetime(),
    version: DocumentVersionView,
  })
  .meta({ id: 'Document' });
