// API room. Lists whose ids sort by time, the newest first, page by page.
import { readCursor, writeCursor } from './cursor.js';
import { pageSize } from './page.js';

export interface PageAsked {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface PageRead {
  /** The id of the row seen last; null begins. */
  readonly before: string | null;
  readonly limit: number;
}

export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly nextCursor: string | null;
}

/** `list` names it in its cursors: one of another list is none of this. */
export async function newestFirst<Row extends { readonly id: string }>(
  list: string,
  { limit, cursor }: PageAsked,
  read: (page: PageRead) => Promise<readonly Row[]>,
): Promise<PageOf<Row>> {
  const size = pageSize(limit);
  const [before = null] = cursor === undefined ? [] : readCursor(list, cursor);
  // One more than asked for tells whether there is a next page.
  const found = await read({ before, limit: size + 1 });
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  const hasMore = found.length > size && last !== undefined;
  return { rows, nextCursor: hasMore ? writeCursor(list, [last.id]) : null };
}
