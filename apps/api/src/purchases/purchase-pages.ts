// API room. Lists of purchases, page by page.
import type { Purchase, PurchasesPage } from '@fairmeter/records';
import type { z } from 'zod';
import { newestFirst } from '../requests/newest-first.js';
import type { pageQuery } from '../requests/page.js';

export interface PurchasesAnswer {
  readonly purchases: readonly Purchase[];
  readonly nextCursor: string | null;
}

const PURCHASES = 'purchases';

export async function pageOfPurchases(
  query: z.output<typeof pageQuery>,
  read: (page: PurchasesPage) => Promise<Purchase[]>,
): Promise<PurchasesAnswer> {
  const { rows: purchases, nextCursor } = await newestFirst(PURCHASES, query, read);
  return { purchases, nextCursor };
}
