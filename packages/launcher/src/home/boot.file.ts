import { z } from 'zod';
import { readJson, writeJson } from './json.file.ts';

const Start = z.object({ seconds: z.number(), at: z.iso.datetime() });
const Boot = z.object({ cold: Start.optional(), warm: Start.optional() });

/** How long starts took: `cold` with an install or a new database, `warm` otherwise. */
export type Boot = z.infer<typeof Boot>;

export const readBoot = (file: string): Boot => readJson(file, Boot) ?? {};

export const recordBoot = (file: string, kind: keyof Boot, seconds: number, at: Date): void =>
  writeJson(file, { ...readBoot(file), [kind]: { seconds: Number(seconds.toFixed(2)), at: at.toISOString() } });
