// API room. Reads what an account has and did, each answer from one snapshot. Nothing here writes.
import type { Environment } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { CreditsView, EntriesPage, LotPosition, LotsPage, ScopePoint, ToldPoint } from '@fairmeter/ledger/reads';
import { pointAgain, readCredits, readEntries, readLots, readPast, readPresent } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Viewer } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { scopeShown } from '../callers/environment.js';
import { personShown } from '../callers/own-jobs.js';
import { validationFailed } from '../problems/problem-error.js';
import { pageSize } from '../requests/page.js';
import { badCursor, cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import { API_CLOCK } from '../tokens.js';
import type { creditsQuery, ledgerQuery, lotsQuery } from './account-query.js';
import { NO_POINT, pointOfParts, pointParts, writePoint } from './told-point.js';

export interface LotsAnswer {
  readonly point: ScopePoint;
  readonly page: LotsPage;
  readonly nextCursor: string | null;
}

export interface EntriesAnswer {
  readonly page: EntriesPage;
  readonly nextCursor: string | null;
}

/** The tenant's transaction, as the reads take it. */
type Reading = Parameters<typeof readCredits>[0];

const LOTS = 'lots';
const LEDGER = 'ledger';

@Injectable()
export class AccountReader {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async credits(caller: Viewer, query: z.output<typeof creditsQuery>): Promise<CreditsView> {
    return this.inPresent(caller, query, async (tx, present) => readCredits(tx, await pointAt(tx, present, query)));
  }

  async lots(caller: Viewer, query: z.output<typeof lotsQuery>): Promise<LotsAnswer> {
    const pinned = query.cursor === undefined ? null : readLotsCursor(query.cursor);
    return this.inPresent(caller, query, async (tx, present) => {
      const point = pinned === null ? await pointAt(tx, present, query) : pointOf(present, pinned, query);
      const page = await readLots(tx, point, {
        includeEnded: query.include_ended ?? false,
        after: pinned?.position ?? null,
        limit: pageSize(query.limit),
      });
      return { point, page, nextCursor: page.next === null ? null : writeLotsCursor(point, page.next) };
    });
  }

  async entries(caller: Viewer, query: z.output<typeof ledgerQuery>): Promise<EntriesAnswer> {
    const { order = 'newest', job_id: jobId, lot_id: lotId, kind: lotKind } = query;
    const after = query.cursor === undefined ? null : readLedgerCursor(query.cursor, order);
    const page = await this.inPresent(caller, query, async (tx, { scopeId }) =>
      readEntries(tx, scopeId, {
        order,
        after,
        limit: pageSize(query.limit),
        person: personShown(caller),
        ...(jobId === undefined ? {} : { jobId }),
        ...(lotId === undefined ? {} : { lotId }),
        ...(lotKind === undefined ? {} : { lotKind }),
      }),
    );
    return { page, nextCursor: page.next === null ? null : writeCursor(LEDGER, [order, page.next.toString()]) };
  }

  private async inPresent<T>(
    caller: Viewer,
    { environment }: { readonly environment?: Environment | undefined },
    work: (tx: Reading, present: ScopePoint) => Promise<T>,
  ): Promise<T> {
    const scopeId = scopeShown(caller, environment);
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      work(tx, await readPresent(tx, scopeId, instant(this.clock.now()))),
    );
  }
}

type MomentAsked = Pick<z.output<typeof creditsQuery>, 'as_of' | 'point'>;

async function pointAt(tx: Reading, present: ScopePoint, asked: MomentAsked): Promise<ScopePoint> {
  const { as_of: asOf, point: told } = asked;
  if (told !== undefined) {
    const again = pointAgain(present, told);
    if (again === null) throw validationFailed([{ parameter: 'point', message: NO_POINT }]);
    mustName(again, asked, 'the point');
    return again;
  }
  if (asOf === undefined) return present;
  if (asOf > present.at) throw validationFailed([{ parameter: 'as_of', message: 'must not be in the future' }]);
  return readPast(tx, present, asOf);
}

/** An instant or a point beside what says it all must be the same one. */
function mustName(point: ScopePoint, { as_of: asOf, point: told }: MomentAsked, whose: string): void {
  const message = `must be that of ${whose}, or left out`;
  if (asOf !== undefined && asOf !== point.at) throw validationFailed([{ parameter: 'as_of', message }]);
  if (told === undefined || writePoint(told) === writePoint(point)) return;
  throw validationFailed([{ parameter: 'point', message }]);
}

/** Which point the first page was read at, and the last lot it showed. */
interface PinnedLots {
  readonly position: LotPosition;
  readonly point: ToldPoint;
}

function writeLotsCursor(point: ScopePoint, { part, openedSeq }: LotPosition): string {
  return writeCursor(LOTS, [part, openedSeq.toString(), ...pointParts(point)]);
}

function readLotsCursor(cursor: string): PinnedLots {
  const [part, openedSeq, ...parts] = readCursor(LOTS, cursor);
  const point = pointOfParts(parts);
  if ((part !== 'live' && part !== 'rest') || point === null) throw badCursor();
  return { position: { part, openedSeq: cursorNumber(openedSeq) }, point };
}

/** A cursor can be made up, and then must not reach into the future. */
function pointOf(present: ScopePoint, pinned: PinnedLots, asked: MomentAsked): ScopePoint {
  const point = pointAgain(present, pinned.point);
  if (point === null) throw badCursor();
  mustName(point, asked, 'the first page');
  return point;
}

function readLedgerCursor(cursor: string, order: string): bigint {
  const [whichOrder, seq] = readCursor(LEDGER, cursor);
  if (whichOrder !== order) throw badCursor();
  return cursorNumber(seq);
}
