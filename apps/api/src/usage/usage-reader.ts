// API room. Reads what an account used, rows, total and tips from one snapshot. Nothing here writes.
import type { Instant, WorkMeasures } from '@fairmeter/domain';
import { accountScope, accountScopeIn, instant } from '@fairmeter/domain';
import { dayAt, localDaysBetween, type LocalDay } from '@fairmeter/domain/time';
import type { ScopePoint, UsageQuery, UsageView } from '@fairmeter/ledger/reads';
import { readPresent, readUsage, readWork, readZone } from '@fairmeter/ledger/reads';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import { readSaidOfLoops, readTimeZone } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Viewer } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentShown } from '../callers/environment.js';
import { personShown } from '../callers/own-jobs.js';
import { validationFailed } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { CountingPlaces } from './counting-places.js';
import { countedWithin } from './time-to-count.js';
import type { UsageAsked } from './usage-query.js';
import { rowsAsked } from './usage-query.js';

export interface UsageAnswer {
  readonly accountId: string;
  readonly zone: string;
  readonly query: UsageQuery;
  /** Those that `query.days` begin. */
  readonly days: readonly LocalDay[];
  readonly view: UsageView;
  readonly work: WorkMeasures;
}

/** A page that shows usage by two properties asks twice. */
const PLACES_OF_AN_ACCOUNT = 2;
const DAY_MS = 86_400_000;
/** A leap year: enough to compare a month with the same month of the year before. */
const MOST_DAYS = 366;
/** The days before the last one that are shown where nobody says. */
const USUAL_DAYS_BEFORE = 29;

@Injectable()
export class UsageReader {
  private readonly places = new CountingPlaces(PLACES_OF_AN_ACCOUNT);

  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** One account's long questions do not take all connections of this process from the others. */
  async usage(caller: Viewer, asked: UsageAsked): Promise<UsageAnswer> {
    return this.places.inPlace(caller.accountId, async () => this.count(caller, asked));
  }

  private async count(caller: Viewer, asked: UsageAsked): Promise<UsageAnswer> {
    const { accountId } = caller;
    const environment = environmentShown(caller, asked.environment);
    const person = personShown(caller);
    const scopeId = accountScopeIn(environment, accountId);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const present = await readPresent(tx, scopeId, instant(this.clock.now()));
      const zone = await zoneOf(tx, accountId, present);
      const { from, to } = stretchOf(asked, present.at, zone);
      const days = asked.group_by?.includes('day') === true ? localDaysBetween(zone, from, to) : [];
      const query: UsageQuery = {
        environment,
        person,
        from,
        to,
        groupings: asked.group_by ?? [],
        days: days.map(({ start }) => start),
        limit: rowsAsked(asked),
        botId: asked.bot_id,
        botType: asked.type,
        requestKind: asked.kind,
        model: asked.model,
        threadId: asked.thread_id,
        funding: asked.funding,
        campaignId: asked.campaign_id,
        marker: asked.purpose,
        artefact: asked.artefact,
      };
      const counted = { from, to, withinMs: this.config.usageWithinMs };
      return countedWithin(tx, counted, async () => {
        const view = await readUsage(tx, accountId, query);
        const said = await readSaidOfLoops(tx, accountId);
        const work = await readWork(tx, accountId, { from, to, environment, person, said });
        return { accountId, zone, query, days, view, work };
      });
    });
  }
}

/**
 * The zone that the account's days are of now, also for days long past: one answer has one kind of day, and both
 * environments have the same ones.
 */
async function zoneOf(tx: EntityManager, accountId: string, present: ScopePoint): Promise<string> {
  return (
    (await readZone(tx, { ...present, scopeId: accountScope(accountId) })) ??
    (await readTimeZone(tx, accountId)) ??
    'UTC'
  );
}

function stretchOf(
  asked: UsageAsked,
  present: Instant,
  zone: string,
): { readonly from: Instant; readonly to: Instant } {
  // What happens at the present instant is counted in.
  const to = asked.to ?? instant(present + 1);
  const from = asked.from ?? dayAt(zone, instant(Math.max(0, to - 1 - USUAL_DAYS_BEFORE * DAY_MS))).start;
  if (from >= to) throw validationFailed([{ parameter: 'from', message: 'must be before `to`' }]);
  if (to - from > MOST_DAYS * DAY_MS) {
    throw validationFailed([{ parameter: 'from', message: `must be at most ${MOST_DAYS} days before \`to\`` }]);
  }
  return { from, to };
}
