// Worker. What staff asked for is looked after: begun where nobody has, each kind by itself.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { changeToAgreed, decideCustomPlan } from './begin-custom-plan.js';
import { beginCompensation, beginGrant } from './begin-request.js';
import { Sweep } from './sweep.js';

const EVERY_MS = 10_000;

export function requestSweeps(
  lost: Pick<ActivitiesInUse['lostRequests'], 'beginCompensation' | 'beginCustomPlan' | 'beginGrant'>,
  temporal: Pick<TemporalClient, 'client'>,
  logger: Pick<Logger, 'info' | 'warn'>,
): readonly Sweep[] {
  return [
    new Sweep({
      name: 'compensations whose run may be lost',
      everyMs: EVERY_MS,
      batch: async () => lost.beginCompensation(async (one) => beginCompensation(temporal, one)),
      logger,
    }),
    new Sweep({
      name: 'grants whose run may be lost',
      everyMs: EVERY_MS,
      batch: async () => lost.beginGrant(async (one) => beginGrant(temporal, one)),
      logger,
    }),
    new Sweep({
      name: 'custom plans that nobody has seen to',
      everyMs: EVERY_MS,
      batch: async () =>
        lost.beginCustomPlan({
          decide: async (said) => decideCustomPlan(temporal, said),
          change: async (agreed, { requestId }) => {
            const refusal = await changeToAgreed(temporal, agreed, requestId);
            if (refusal === null) return;
            const { customPlanRequestId, planId, account } = agreed;
            const facts = { err: refusal, customPlanRequestId, planId, accountId: account.accountId };
            logger.warn(facts, 'a subscription refused the plan that was agreed for its account');
          },
        }),
      logger,
    }),
  ];
}
