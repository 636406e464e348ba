// API room. Opens, changes and lists the giveaways of an account's bots. Their amounts are limits of the ledger, so
// they go the way of every change of terms.
import { createHash } from 'node:crypto';
import type { WireLimit } from '@fairmeter/contracts';
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { accountScope, instant } from '@fairmeter/domain';
import type { NamedLimit } from '@fairmeter/ledger/reads';
import { readNamedLimits, readSpendable } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Campaign } from '@fairmeter/records';
import { findCampaign, listCampaigns, readFunding } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { admitLive } from '../callers/environment.js';
import { changeKeyOf } from '../jobs/idempotency-key.js';
import { TermsDesk, wireLimit } from '../limits/terms-desk.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import { CAMPAIGN_ID } from '../requests/fields.js';
import { pageSize } from '../requests/page.js';
import { API_CLOCK } from '../tokens.js';
import type {
  CampaignBody,
  campaignsQuery,
  CampaignsBody,
  ChangeCampaign,
  OpenCampaign,
  CampaignPreviewBody,
} from './campaigns-body.js';
import { toCampaignBody, toCampaignPreview } from './campaigns-body.js';

const CAMPAIGNS = 'campaigns';
const ID_CHARACTERS = 26;

export interface KeyedChange {
  /** Null where the caller has none. */
  readonly key: Uint8Array | null;
  readonly asked: ChangeCampaign;
}

@Injectable()
export class CampaignDesk {
  constructor(
    private readonly desk: TermsDesk,
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** The id follows from the caller's key: asked again, it is the same campaign. */
  async open(caller: Caller, key: Uint8Array, asked: OpenCampaign): Promise<CampaignBody> {
    const { accountId } = caller;
    const changeKey = changeKeyOf(caller, key);
    const digest = createHash('sha256').update(`${accountId}/${changeKey}`).digest('hex');
    const id = `cmp_${digest.slice(0, ID_CHARACTERS)}`;
    const known = await this.find(caller, id);
    const { bot_id: botId, name, starts_at: startsAt, ends_at: endsAt = null } = asked;
    const window = windowOf(startsAt ?? known?.startsAt ?? this.clock.now(), endsAt);
    const limits = limitsOf(id, { limit: asked.limit, share: asked.per_visitor ?? null });
    const change = { what: 'campaign', campaignId: id, botId, name, ...window, limits, asked } as const;
    await this.desk.change(caller, changeKey, change);
    return this.campaign(caller, id);
  }

  async change(caller: Caller, id: string, { key, asked }: KeyedChange): Promise<CampaignBody> {
    const known = await this.find(caller, id);
    if (known === null) throw noSuchCampaign();
    const startsAt = asked.starts_at ?? known.startsAt;
    const window = windowOf(startsAt, asked.ends_at === undefined ? known.endsAt : asked.ends_at);
    const limits = limitsOf(id, { limit: asked.limit, share: asked.per_visitor });
    const { botId } = known;
    const name = asked.name ?? known.name;
    const change = {
      what: 'campaign',
      campaignId: id,
      botId,
      name,
      ...window,
      limits,
      asked: { id, ...asked },
    } as const;
    await this.desk.change(caller, changeKeyOf(caller, key), change);
    return this.campaign(caller, id);
  }

  async campaigns(caller: Caller, query: z.output<typeof campaignsQuery>): Promise<CampaignsBody> {
    admitLive(caller);
    const size = pageSize(query.limit);
    const after = query.cursor === undefined ? null : lastOf(query.cursor);
    const { accountId } = caller;
    const at = instant(this.clock.now());
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const found = await listCampaigns(tx, accountId, { botId: query.bot_id, after, limit: size + 1 });
      const page = found.slice(0, size);
      const limits = await readLimitsOf(tx, page, at);
      const last = found.length > size ? page.at(-1) : undefined;
      return {
        data: page.map((campaign) => toCampaignBody(campaign, limits, at)),
        next_cursor: last === undefined ? null : writeCursor(CAMPAIGNS, [last.id]),
      };
    });
  }

  async preview(caller: Caller, asked: OpenCampaign): Promise<CampaignPreviewBody> {
    const { accountId } = caller;
    const clockNow = instant(this.clock.now());
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const funding = await readFunding(tx, accountId, asked.bot_id);
      if (funding === null) throw refusalProblem({ code: 'bot_not_found' }, 0);
      const payer = { funding: 'campaign', publicMayUseBonus: funding.publicMayUseBonus } as const;
      const { reach } = await readSpendable(tx, { scopeId: accountScope(accountId), clockNow, payer });
      return toCampaignPreview(asked, reach.amount);
    });
  }

  private async find(caller: Caller, id: string): Promise<Campaign | null> {
    if (!CAMPAIGN_ID.test(id)) return null;
    return this.database.asTenant(tenantOf(caller), async (tx) => findCampaign(tx, caller.accountId, id));
  }

  private async campaign(caller: Caller, id: string): Promise<CampaignBody> {
    const { accountId } = caller;
    const at = instant(this.clock.now());
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const campaign = await findCampaign(tx, accountId, id);
      if (campaign === null) throw noSuchCampaign();
      return toCampaignBody(campaign, await readLimitsOf(tx, [campaign], at), at);
    });
  }
}

/** What these campaigns may give, and to each visitor: as far as it is set. */
async function readLimitsOf(tx: EntityManager, campaigns: readonly Campaign[], at: Instant): Promise<NamedLimit[]> {
  const [first] = campaigns;
  if (first === undefined) return [];
  const names = campaigns.flatMap(({ id: subject }) =>
    (['campaign', 'visitor'] as const).map((kind) => ({ kind, subject, period: 'total' as const })),
  );
  const limits = await readNamedLimits(tx, { scopeId: accountScope(first.accountId), at }, names);
  return limits.filter(({ isSet }) => isSet);
}

function windowOf(
  startsAt: number,
  endsAt: number | null,
): { readonly startsAt: number; readonly endsAt: number | null } {
  if (endsAt !== null && endsAt <= startsAt) {
    throw validationFailed([{ pointer: '/ends_at', message: 'must be after its start' }]);
  }
  return { startsAt, endsAt };
}

interface Amounts {
  readonly limit: MicroCredits | undefined;
  readonly share: MicroCredits | null | undefined;
}

/** Over the whole campaign: it has no periods. */
function limitsOf(id: string, { limit, share }: Amounts): WireLimit[] {
  const total = { subject: id, period: 'total' } as const;
  return [
    ...(limit === undefined ? [] : [wireLimit({ ...total, kind: 'campaign', amount: limit })]),
    ...(share === undefined ? [] : [wireLimit({ ...total, kind: 'visitor', amount: share })]),
  ];
}

function lastOf(cursor: string): string {
  const [id] = readCursor(CAMPAIGNS, cursor);
  if (id === undefined || !CAMPAIGN_ID.test(id)) throw badCursor();
  return id;
}

function noSuchCampaign(): ProblemError {
  return new ProblemError('campaign_not_found', 'There is no such campaign for this API key.');
}
