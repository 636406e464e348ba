// API room. The usage units of one visitor at one bot, read from one snapshot. Nothing here writes.
import type { Instant, MicroCredits, PlanVersion } from '@fairmeter/domain';
import { add, endUserScope, instant, instantToText, formatCredits, ZERO } from '@fairmeter/domain';
import type { LotView } from '@fairmeter/ledger/reads';
import { readLots, readPresent, readUsedByRequests } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import { readBotForAdmission, requestsOf } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { VisitorCaller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { credits, instantText } from '../jobs/job-body.js';
import type { Standing } from '../subscription/subscription-reader.js';
import { SubscriptionReader } from '../subscription/subscription-reader.js';
import { API_CLOCK } from '../tokens.js';
import type { Language } from '../wording/catalogue.js';
import { LANGUAGES, say } from '../wording/catalogue.js';
import type { BotOfVisitor, Means } from './at-zero.js';
import { optionBody, optionsAtZero, toldBody, toldOf } from './at-zero.js';
import type { BotLimiting } from './visitor-limits.js';
import type { VisitorOffer } from './visitor-offers.js';
import { offersOfBot, plansOfBot } from './visitor-offers.js';

export const usageUnitsBody = z.object({
  bot_id: z.string(),
  as_of: instantText,
  language: z.enum(LANGUAGES).describe('Of the texts: the first that `Accept-Language` likes.'),
  remaining: credits.describe('What this visitor can use at this bot now, and nowhere else.'),
  in_use: credits.describe('Set aside for what is running.'),
  used: credits.describe('By everything this visitor ever asked of the bot, without what was given back.'),
  allowance: z
    .object({ size: credits, used: credits, remaining: credits, ends_at: instantText.nullable() })
    .nullable()
    .describe('Of the present period of a plan; it is used first.'),
  bought: z.object({ remaining: credits }).describe('It has no end.'),
  next_refill_at: instantText.nullable(),
  told: z.array(toldBody),
  at_zero: z.array(optionBody).describe('What this visitor can do when nothing remains.'),
  deletion: z.string().describe('To be shown before `DELETE /v1/me`.'),
});
export type UsageUnitsBody = z.output<typeof usageUnitsBody>;

export interface UnitsOfVisitor {
  readonly at: Instant;
  readonly bot: BotOfVisitor;
  /** Null where the bot is gone. */
  readonly limiting: BotLimiting | null;
  readonly used: MicroCredits;
  readonly lots: readonly LotView[];
  readonly offers: readonly VisitorOffer[];
  readonly plans: readonly PlanVersion[];
  readonly means: Means;
}

/** More lots than any visitor has at one bot; the newest come first. */
const LOTS_READ = 200;

@Injectable()
export class UsageUnits {
  constructor(
    private readonly database: TenantDatabase,
    private readonly subscriptions: SubscriptionReader,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async read(caller: VisitorCaller): Promise<UnitsOfVisitor> {
    return this.database.asTenant(tenantOf(caller), async (tx) => this.readIn(tx, caller));
  }

  private async readIn(tx: EntityManager, { accountId, visitorId, botId }: VisitorCaller): Promise<UnitsOfVisitor> {
    const now = instant(this.clock.now());
    const bot = await readBotForAdmission(tx, botId, now);
    const point = await readPresent(tx, endUserScope(botId, visitorId), now);
    const { lots } = await readLots(tx, point, { includeEnded: true, after: null, limit: LOTS_READ });
    const used = await readUsedByRequests(tx, await requestsOf(tx, [visitorId]));
    const offers = await offersOfBot(tx, botId, bot);
    const plans = await plansOfBot(tx, bot, now);
    const plan = await this.subscriptions.read(tx, { kind: 'end_user', accountId, botId, visitorId });
    return {
      at: point.at,
      bot: { type: bot?.type ?? 'chat', isArchived: bot?.archived ?? true },
      limiting: bot,
      used: used.get(visitorId)?.used ?? ZERO,
      lots,
      offers,
      plans,
      means: {
        canBuy: offers.length > 0 || plans.length > 0,
        refillsAt: plan === null ? refillOf(lots) : refillOfPlan(plan),
      },
    };
  }
}

/** Waiting helps whose plan brings an allowance by itself: not where it ends, nor where it is to be paid first. */
function refillOfPlan({ subscription, nextRenewal }: Standing): Instant | null {
  if (subscription.arrears !== null || nextRenewal === null || nextRenewal.plan === null) return null;
  return nextRenewal.at;
}

/** An allowance is a plan's: its end is when the next one begins. */
function refillOf(lots: readonly LotView[]): Instant | null {
  const present = lots.find((lot) => lot.kind === 'eu_allowance' && lot.state !== 'ended' && lot.state !== 'upcoming');
  const coming = lots.filter((lot) => lot.kind === 'eu_allowance' && lot.state === 'upcoming').at(-1);
  return coming?.validFrom ?? present?.expiresAt ?? null;
}

export function toUsageUnitsBody(botId: string, units: UnitsOfVisitor, language: Language): UsageUnitsBody {
  const { lots, means } = units;
  const open = (some: readonly LotView[]): MicroCredits =>
    add(ZERO, ...some.filter(({ state }) => state === 'live').map((lot) => lot.open));
  const allowance = lots.find((lot) => lot.kind === 'eu_allowance' && ['live', 'used_up'].includes(lot.state));
  return {
    bot_id: botId,
    as_of: instantToText(units.at),
    language,
    remaining: formatCredits(open(lots)),
    in_use: formatCredits(add(ZERO, ...lots.map((lot) => lot.held))),
    used: formatCredits(units.used),
    allowance:
      allowance === undefined
        ? null
        : {
            size: formatCredits(allowance.granted),
            used: formatCredits(allowance.spent),
            remaining: formatCredits(allowance.open),
            ends_at: allowance.expiresAt === null ? null : instantToText(allowance.expiresAt),
          },
    bought: { remaining: formatCredits(open(lots.filter(({ kind }) => kind !== 'eu_allowance'))) },
    next_refill_at: means.refillsAt === null ? null : instantToText(means.refillsAt),
    told: toldOf(language, units.bot),
    at_zero: optionsAtZero(language, means),
    deletion: say(language, 'deletion'),
  };
}
