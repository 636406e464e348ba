// API room. A visitor's plan at one bot, in the hands of that visitor: what renews is theirs at that bot alone, and
// what they pay for it is nobody else's affair.
import type { SubscriptionAsker, SubscriptionInput, SubscriptionTold, UpdateDefinition } from '@fairmeter/contracts';
import { cancelPlanUpdate, changePlanUpdate, undoPlanUpdate } from '@fairmeter/contracts';
import type { Instant, Refusal, SubscriptionSubject } from '@fairmeter/domain';
import { instant, whyNoPack } from '@fairmeter/domain';
import type { PreviewedChange } from '@fairmeter/domain/subscriptions';
import { newSubscription } from '@fairmeter/domain/subscriptions';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { readBotForAdmission, readPlansOfBot, readTimeZone } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { VisitorCaller } from '../callers/caller.js';
import { actorOf, botOf, tenantOf } from '../callers/caller.js';
import { Changes } from '../changes/changes.js';
import { toldRefusal } from '../jobs/told-refusal.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { SubscriptionCalls } from '../subscription/subscription-calls.js';
import { standingOf, SubscriptionReader } from '../subscription/subscription-reader.js';
import { API_CLOCK } from '../tokens.js';
import type { Language } from '../wording/catalogue.js';
import type { MyPlan, MyPlanBody, MyPlanPreviewBody } from './my-plan-body.js';
import { toMyPlanBody, toMyPlanPreview } from './my-plan-body.js';

export interface AskedByVisitor {
  readonly caller: VisitorCaller;
  readonly requestId: string;
  readonly idempotencyKey: Uint8Array;
  readonly language: Language;
}

export interface PlanOrderWish {
  readonly planId: string;
  readonly previewedPeriod: Instant | null;
}

interface Found extends MyPlan {
  readonly zone: string;
  /** Why nothing is sold here now; null where it is. */
  readonly selling: Refusal | null;
}

const USUAL_ZONE = 'UTC';

@Injectable()
export class MyPlanDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: Changes,
    private readonly reader: SubscriptionReader,
    private readonly calls: SubscriptionCalls,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async plan(caller: VisitorCaller, language: Language): Promise<MyPlanBody> {
    return toMyPlanBody(await this.find(caller), language);
  }

  async preview(caller: VisitorCaller, event: PreviewedChange, language: Language): Promise<MyPlanPreviewBody> {
    const found = await this.find(caller);
    if (event.type === 'change') mustBeOffered(found, event.planId);
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      toMyPlanPreview(await this.reader.preview(tx, found.standing, event), found.bot, language),
    );
  }

  async order(asked: AskedByVisitor, { planId, previewedPeriod }: PlanOrderWish): Promise<MyPlanBody> {
    const said = { planId, previewedPeriod };
    return this.ask(asked, { place: 'my-plan/order', said }, async (found, name) => {
      mustBeSelling(found, asked.caller);
      mustBeOffered(found, planId);
      const { current, order } = found.standing.subscription;
      const { caller, requestId } = asked;
      const input = inputOf(found, planId);
      if (current !== null || order !== null) {
        const wish = { planId, previewedPeriod, actor: actorOf(caller), requestId };
        await this.calls.ask(changePlanUpdate, { caller, input, name, requestId, args: [wish] });
        return;
      }
      if (previewedPeriod !== null) throw refusalProblem({ code: 'preview_stale', periodStart: null }, 0);
      await this.calls.begin(input, { caller, name });
      mustHaveBegun(await this.find(caller), planId);
    });
  }

  async cancel(asked: AskedByVisitor): Promise<MyPlanBody> {
    return this.askPlain(asked, 'my-plan/cancel', cancelPlanUpdate);
  }

  async undo(asked: AskedByVisitor): Promise<MyPlanBody> {
    return this.askPlain(asked, 'my-plan/undo', undoPlanUpdate);
  }

  private async askPlain(
    asked: AskedByVisitor,
    place: string,
    update: UpdateDefinition<SubscriptionTold, [SubscriptionAsker]>,
  ): Promise<MyPlanBody> {
    return this.ask(asked, { place, said: {} }, async (found, name) => {
      const { current, order } = found.standing.subscription;
      const planId = (current ?? order)?.plan.planId;
      if (planId === undefined) throw noPlan();
      const { caller, requestId } = asked;
      const args: [SubscriptionAsker] = [{ actor: actorOf(caller), requestId }];
      await this.calls.ask(update, { caller, input: inputOf(found, planId), name, requestId, args });
    });
  }

  /** What is kept of the answer is kept as the bot's: visitors read no such rows. */
  private async ask(
    { caller, language, idempotencyKey }: AskedByVisitor,
    { place, said }: { readonly place: string; readonly said: object },
    work: (found: Found, name: string) => Promise<void>,
  ): Promise<MyPlanBody> {
    const once = { caller, tenant: botOf(caller), place, idempotencyKey, body: said };
    return this.changes.askOnce(once, nothingMore, async (name) => {
      await work(await this.find(caller), name);
      return this.plan(caller, language);
    });
  }

  private async find(caller: VisitorCaller): Promise<Found> {
    const { accountId, botId, visitorId } = caller;
    const subject: SubscriptionSubject = { kind: 'end_user', accountId, botId, visitorId };
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const bot = await readBotForAdmission(tx, botId, instant(this.clock.now()));
      const ground = await this.reader.ground(tx, accountId);
      const zone = (await readTimeZone(tx, accountId)) ?? USUAL_ZONE;
      const known = await this.reader.read(tx, subject);
      const selling = whyNoPack(bot);
      return {
        botId,
        bot: { type: bot?.type ?? 'chat', isArchived: bot?.archived ?? true },
        limiting: bot,
        selling,
        zone,
        standing: known ?? standingOf(newSubscription(subject, zone), ground),
        offered: await readPlansOfBot(tx, botId, ground.at),
      };
    });
  }
}

async function nothingMore(): Promise<void> {
  // Who the visitor is was looked at by the door, and what the bot allows is looked at with the order.
}

function inputOf({ standing, zone }: Found, planId: string): SubscriptionInput {
  return { subject: standing.subscription.subject, zone, planId };
}

function mustBeSelling({ selling }: Found, caller: VisitorCaller): void {
  if (selling !== null) throw toldRefusal(selling, caller, 0);
}

function mustBeOffered({ offered }: Found, planId: string): void {
  if (offered.some((plan) => plan.planId === planId)) return;
  throw refusalProblem({ code: 'plan_not_offered', planId }, 0);
}

/** Of two first orders at once the other one's plan may have begun: what was previewed holds no more. */
function mustHaveBegun({ standing }: Found, planId: string): void {
  const { current, order } = standing.subscription;
  const begun = (current ?? order)?.plan.planId ?? planId;
  if (begun === planId) return;
  throw refusalProblem({ code: 'preview_stale', periodStart: current?.period.start ?? null }, 0);
}

function noPlan(): ProblemError {
  return new ProblemError('subscription_not_found', 'You have no plan at this bot.');
}
