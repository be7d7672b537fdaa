import { searchDocuments } from '@atrium/contracts';
import { callService } from '@atrium/service-kit';
import { z } from 'zod';
import { defineSkill } from './skill.ts';

/** A passage that an answer can cite by its number, which is unique within the run. */
export const Passage = z.object({
  index: z.int().positive(),
  documentId: z.uuid(),
  versionId: z.uuid(),
  title: z.string(),
  page: z.int().positive().nullable(),
  heading: z.string().nullable(),
  text: z.string(),
  snippet: z.string(),
  score: z.number(),
});
export type Passage = z.infer<typeof Passage>;

export const SearchOutput = z.object({ results: z.array(Passage) });

export const searchDocumentsSkill = defineSkill({
  name: 'search_documents',
  description:
    'Search the documents of the workspace. Returns numbered passages; cite the ones you use as [number] in the answer.',
  risk: 'read',
  input: z.object({
    query: z.string().trim().min(1).max(1_000).describe('What to look for, in the words of the question'),
    limit: z.int().min(1).max(10).default(5).describe('How many passages at most'),
  }),
  output: SearchOutput,
  async run({ query, limit }, { urls, token, signal, nextPassage }) {
    const { data } = await callService(searchDocuments, {
      baseUrl: urls.document,
      input: { query, limit },
      token: await token(),
      signal,
    });
    return { results: data.map((hit, at) => ({ ...hit, index: nextPassage + at })) };
  },
  // The snippet is a part of the text, and every letter is paid for.
  tell: ({ results }) => ({ results: results.map(({ snippet: _snippet, ...passage }) => passage) }),
  summarize: ({ results }) => `${results.length} passage${results.length === 1 ? '' : 's'} found`,
});
