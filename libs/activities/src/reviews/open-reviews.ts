// Activities room. Usage reviews with the rules that an operator has set.
import type { ReviewActivities, ReviewAnalysisActivities } from '@fairmeter/contracts';
import type { WorkerConfig } from '@fairmeter/platform';
import { systemClock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { grantRulesOf } from '../grants/grant-rules.js';
import { policyOf } from '../jobs/loop-rules.js';
import { ReviewAnalysisOverLedger } from './analysis.activities.js';
import { PlatformReviews } from './platform-reviews.js';
import { ReviewActivitiesOverRecords } from './review.activities.js';

export interface ReviewParts {
  readonly platformReviews: PlatformReviews;
  readonly reviewActivities: ReviewActivities;
  readonly reviewAnalysis: ReviewAnalysisActivities;
}

export function reviewsOf({ grants, loops, reviews }: WorkerConfig, entities: EntityDatabase): ReviewParts {
  const { zone, holidays, targetDays, breachDays, infoMs, baselineFloor } = reviews;
  const times = { calendar: { zone, holidays }, days: { target: targetDays, breach: breachDays }, infoMs };
  const { alone } = grantRulesOf(grants);
  return {
    platformReviews: new PlatformReviews(entities, systemClock),
    reviewActivities: new ReviewActivitiesOverRecords(entities, { times, alone }),
    reviewAnalysis: new ReviewAnalysisOverLedger(entities, { policy: policyOf(loops), baselineFloor }),
  };
}
