// Worker. What staff asked for is looked after: begun where nobody has, each kind by itself.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { changeToAgreed, decideCustomPlan } from './begin-custom-plan.js';
import { beginCompensation, beginGrant } from './begin-request.js';
import { Sweep } from './sweep.js';

const EVERY_MS = 10_000;

export function requestSweeps(
  lost: ActivitiesInUse['lostRequests'],
  temporal: Pick<TemporalClient, 'client'>,
  logger: Logger,
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
          change: async (agreed, { requestId }) => changeToAgreed(temporal, agreed, requestId),
        }),
      logger,
    }),
  ];
}
