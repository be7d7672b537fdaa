import { z } from 'zod';

/** Tags that one piece of usage may carry. */
const MOST_TAGS = 16;

/**
 * What spending belongs to, in the caller's own words: `{ "client": "acme", "project": "site" }`. Usage can be grouped
 * by any of them; `client`, `project` and `workflow` are the names that other parts of the house use.
 */
export const SpendingTags = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,39}$/, 'Use up to 40 lower-case letters, digits and _, beginning with a letter.'),
    z.string().trim().min(1).max(200),
  )
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, `Use at most ${MOST_TAGS} tags.`);
export type SpendingTags = z.infer<typeof SpendingTags>;
