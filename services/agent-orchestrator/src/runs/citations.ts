import { z } from 'zod';
import { SearchOutput, type Passage } from '../skills/search-documents.skill.ts';
import type { RunStep } from './run.step.ts';

/** A passage that an answer marks as `[index]`. */
export const Citation = z
  .object({
    index: z.int().positive(),
    documentId: z.uuid(),
    versionId: z.uuid(),
    title: z.string(),
    page: z.int().positive().nullable(),
    snippet: z.string(),
  })
  .meta({ id: 'Citation' });
export type Citation = z.infer<typeof Citation>;

/** Every passage that the searches of a run found. */
export const passagesOf = (steps: readonly RunStep[]): Passage[] =>
  steps.flatMap((step) => {
    if (step.kind !== 'skill' || step.name !== 'search_documents' || !step.outcome?.ok) return [];
    return SearchOutput.safeParse(step.outcome.output).data?.results ?? [];
  });

// `[1]` and `[1, 2]`, but not the `[1](…)` of a link.
const MARK = /\[(\d{1,4}(?:\s*,\s*\d{1,4})*)\](?!\()/g;

/** The passages that a text marks, in the order of their numbers; marks of nothing are passed over. */
export const citationsOf = (text: string, passages: readonly Passage[]): Citation[] => {
  const marked = new Set([...text.matchAll(MARK)].flatMap(([, numbers = '']) => numbers.split(',').map(Number)));
  return passages
    .filter(({ index }) => marked.has(index))
    .map(({ index, documentId, versionId, title, page, snippet }) => ({
      index,
      documentId,
      versionId,
      title,
      page,
      snippet,
    }))
    .sort((a, b) => a.index - b.index);
};
