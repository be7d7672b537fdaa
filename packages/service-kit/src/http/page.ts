import { z } from 'zod';
import { invalid } from './problem.ts';

/** Query of every list: `limit` and the opaque `cursor` of the page before. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(500).optional(),
});

/** Answer of every list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    page: z.object({ nextCursor: z.string().nullable(), hasMore: z.boolean() }),
  });

/** Where a page ends: the sort value and the id that breaks ties. */
export interface Cursor {
  readonly at: string;
  readonly id: string;
}
const Cursor = z.strictObject({ at: z.string(), id: z.uuid() });

export const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** @throws DomainError 422 `request.invalid_cursor` */
export const decodeCursor = (text: string | undefined): Cursor | undefined => {
  if (text === undefined) return undefined;
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  }
};

/**
 * Makes a page of rows that were read with `limit + 1`.
 * @param cursorOf where the row stands in the order
 */
export const toPage = <Row, View>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => Cursor,
  present: (row: Row) => View,
): { data: View[]; page: { nextCursor: string | null; hasMore: boolean } } => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit;
  return {
    data: shown.map(present),
    page: { nextCursor: hasMore && last !== undefined ? encodeCursor(cursorOf(last)) : null, hasMore },
  };
};

/** Path parameters of a single thing. */
export const IdParams = z.strictObject({ id: z.uuid() });
