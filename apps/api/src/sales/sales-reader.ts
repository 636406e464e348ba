// API room. Reads an account's sales: pages that tell of one moment, whatever is sold meanwhile. Nothing here writes.
import { TenantDatabase } from '@fairmeter/platform/database';
import type { SaleLine, SalesRange } from '@fairmeter/records';
import { newestSale, planHasFeature, readSales, totalSales } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentShown } from '../callers/environment.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import { pageSize } from '../requests/page.js';
import type { SalesAnswer, SalesQuery } from './sales-body.js';

const SALES = 'sales';
/** Lines of a file that are read at a time. */
const CHUNK = 1_000;
const NOTHING: SalesAnswer = { lines: [], totals: [], nextCursor: null };

interface Place {
  /** The newest line that there was when the first page was read. */
  readonly upTo: bigint;
  readonly before: bigint;
}

@Injectable()
export class SalesReader {
  constructor(private readonly database: TenantDatabase) {}

  async page(caller: Caller, query: SalesQuery): Promise<SalesAnswer> {
    await this.admit(caller, query);
    if (isOfTest(caller, query)) return NOTHING;
    const place = query.cursor === undefined ? null : placeOf(query.cursor);
    const limit = pageSize(query.limit);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const { accountId } = caller;
      const range = rangeOf(caller, query, place?.upTo ?? (await newestSale(tx, accountId)));
      const found = await readSales(tx, range, { before: place?.before ?? null, limit: limit + 1 });
      const lines = found.slice(0, limit);
      const last = found.length > limit ? lines.at(-1) : undefined;
      const nextCursor = last === undefined ? null : writeCursor(SALES, [`${range.upTo}`, `${last.seq}`]);
      return { lines, totals: await totalSales(tx, range), nextCursor };
    });
  }

  /** Everything in the range, some lines at a time: the first are read before anything is answered. */
  async all(caller: Caller, query: SalesQuery): Promise<AsyncIterable<readonly SaleLine[]>> {
    if (query.limit !== undefined || query.cursor !== undefined) {
      const message = 'is of the JSON form: the file holds the whole range';
      throw validationFailed([{ parameter: query.limit === undefined ? 'cursor' : 'limit', message }]);
    }
    await this.admit(caller, query);
    if (isOfTest(caller, query)) return chunks([], async () => Promise.resolve([]));
    const { accountId } = caller;
    const tenant = tenantOf(caller);
    const upTo = await this.database.asTenant(tenant, async (tx) => newestSale(tx, accountId));
    const range = rangeOf(caller, query, upTo);
    const read = async (before: bigint | null): Promise<readonly SaleLine[]> =>
      this.database.asTenant(tenant, async (tx) => readSales(tx, range, { before, limit: CHUNK }));
    return chunks(await read(null), read);
  }

  /** What plans compare by is what they differ in. */
  private async admit(caller: Caller, { from, to }: SalesQuery): Promise<void> {
    if (from !== undefined && to !== undefined && from >= to) {
      throw validationFailed([{ parameter: 'to', message: 'must be after `from`' }]);
    }
    const { accountId } = caller;
    const isSold = await this.database.asTenant(tenantOf(caller), async (tx) =>
      planHasFeature(tx, accountId, 'sales_export'),
    );
    if (isSold) return;
    throw new ProblemError('sales_export_not_in_plan', 'The plan of the account does not include its sales.', {
      members: { feature: 'sales_export', options: ['upgrade'] },
    });
  }
}

/** Visitors are live: nothing is sold in the test environment. */
function isOfTest(caller: Caller, { environment }: SalesQuery): boolean {
  return environmentShown(caller, environment) === 'test';
}

function rangeOf({ accountId }: Caller, { bot_id: botId, from, to }: SalesQuery, upTo: bigint): SalesRange {
  return { accountId, botId, from, to, upTo };
}

function placeOf(cursor: string): Place {
  const [upTo, before] = readCursor(SALES, cursor);
  return { upTo: cursorNumber(upTo), before: cursorNumber(before) };
}

async function* chunks(
  first: readonly SaleLine[],
  read: (before: bigint) => Promise<readonly SaleLine[]>,
): AsyncGenerator<readonly SaleLine[]> {
  let lines = first;
  for (;;) {
    const last = lines.at(-1);
    if (last === undefined) return;
    yield lines;
    if (lines.length < CHUNK) return;
    lines = await read(last.seq);
  }
}
