import type { Atrium } from './client.ts';
import type { Item, ListPath } from './operation.types.ts';

/** Which rows of a list, and how many are fetched at a time. */
export interface PagesInput {
  readonly path?: Readonly<Record<string, string>>;
  /** Filters of the list; `limit` is the size of a page. */
  readonly query?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/**
 * Every row of a list, page after page; the next page is fetched when it is reached.
 *
 * ```ts
 * for await (const document of pages(atrium, '/api/v1/documents')) console.log(document.title);
 * ```
 */
export async function* pages<P extends ListPath>(
  atrium: Pick<Atrium, 'transport'>,
  path: P,
  input: PagesInput = {},
): AsyncGenerator<Item<P>, void, undefined> {
  let cursor: string | null | undefined;
  do {
    const response = await atrium.transport.send({
      method: 'get',
      path,
      params: input.path,
      query: { ...input.query, ...(cursor ? { cursor } : {}) },
      signal: input.signal,
    });
    const page = (await response.json()) as { data: Item<P>[]; page: { nextCursor: string | null } };
    yield* page.data;
    cursor = page.page.nextCursor;
  } while (cursor);
}
