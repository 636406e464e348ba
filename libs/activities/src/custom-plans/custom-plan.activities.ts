// Activities room. A request for a custom plan is declined, or its offer becomes a version of a plan of that account:
// request, plan and line of the audit in one transaction, under the request's lock.
import type { CustomPlanActivities, CustomPlanAnswer, CustomPlanInput } from '@fairmeter/contracts';
import type { CustomPlanState, GrantsAlone } from '@fairmeter/domain';
import {
  customPlanOf,
  formatCredits,
  invariant,
  isOpenCustomPlan,
  isSecondPerson,
  mostOfPeriod,
  needsSecondPerson,
} from '@fairmeter/domain';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { CustomPlanOffer, CustomPlanRequest } from '@fairmeter/records';
import { decideCustomPlan, lockCustomPlanRequest, publishPlan, writeAudit } from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';

export class CustomPlanActivitiesOverRecords implements CustomPlanActivities {
  constructor(
    private readonly entities: EntityDatabase,
    private readonly alone: GrantsAlone,
  ) {}

  async decideCustomPlan(input: CustomPlanInput): Promise<CustomPlanAnswer> {
    const { customPlanRequestId: id, verdict } = input;
    return brokenIsFinal(() =>
      this.entities.transaction(async (tx) => {
        const request = await lockCustomPlanRequest(tx, id);
        invariant(request !== null, 'operation.applied-once', `there is no request ${id}`);
        if (!isOpenCustomPlan(request.state)) return { state: request.state };
        if (verdict === 'decline') return { state: await decide(tx, request, { ...input, state: 'declined' }) };
        const { offer } = request;
        if (offer === null || offer.id !== input.offerId || this.waits(offer, input)) return { state: request.state };
        await publishPlan(tx, customPlanOf(request, offer.figures), request.accountId);
        return { state: await decide(tx, request, { ...input, state: 'published' }) };
      }),
    );
  }

  private waits({ figures, offeredBy }: CustomPlanOffer, { by }: CustomPlanInput): boolean {
    if (by.id === offeredBy.id) return needsSecondPerson(mostOfPeriod(figures), by.role, this.alone);
    invariant(isSecondPerson(by, offeredBy.id), 'custom-plan.second-person', `${by.id} may not let an offer through`);
    return false;
  }
}

type Decided = CustomPlanInput & { readonly state: Extract<CustomPlanState, 'published' | 'declined'> };

async function decide(tx: EntityManager, request: CustomPlanRequest, decided: Decided): Promise<CustomPlanState> {
  const { id, accountId, offer } = request;
  const { state, by, reasonRef, requestId } = decided;
  await decideCustomPlan(tx, id, { state, decidedBy: by.id, decisionRef: reasonRef });
  const published = state === 'published' && offer !== null ? publishedFigures(request, offer) : {};
  await writeAudit(tx, {
    accountId,
    actor: by,
    action: `custom_plan.${state}`,
    targetId: id,
    before: { state: request.state },
    after: { state, ...published },
    reason: { ref: reasonRef },
    requestId,
  });
  return state;
}

function publishedFigures(request: CustomPlanRequest, { id, figures, offeredBy }: CustomPlanOffer) {
  return {
    plan_id: customPlanOf(request, figures).planId,
    offer_id: id,
    offered_by: offeredBy.id,
    period_allowance: formatCredits(figures.periodAllowance),
    daily_allowance: formatCredits(figures.dailyAllowance),
  };
}
