import { z } from 'zod';
import { readJson, writeJson } from './json.file.ts';

const BackupRecord = z.object({ at: z.iso.datetime(), place: z.string() });
/** The last backup that was finished from this home. */
export type BackupRecord = z.infer<typeof BackupRecord>;

export const readBackupRecord = (file: string): BackupRecord | undefined => readJson(file, BackupRecord);
export const writeBackupRecord = (file: string, record: BackupRecord): void => writeJson(file, record);
