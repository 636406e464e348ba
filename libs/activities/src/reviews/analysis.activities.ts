// Activities room. The analysis of a reported thread: read in one transaction, kept with the case, done again as asked.
import type { ReviewAnalysisActivities, ReviewAt } from '@fairmeter/contracts';
import { afterReviewStep, instant, invariant } from '@fairmeter/domain';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { findReview, saveReview } from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';
import type { AnalysisRules } from './thread-analysis.js';
import { analyseThread, measureThread } from './thread-analysis.js';

export class ReviewAnalysisOverLedger implements ReviewAnalysisActivities {
  constructor(
    private readonly entities: EntityDatabase,
    private readonly rules: AnalysisRules,
  ) {}

  async analyseReview({ caseId, asOf }: ReviewAt): Promise<void> {
    await brokenIsFinal(() =>
      this.entities.transaction(async (tx) => {
        const review = await findReview(tx, caseId);
        invariant(review !== null, 'operation.applied-once', `there is no review ${caseId}`);
        if (review.thread === null || afterReviewStep(review.state, 'analyse') === null) return;
        const thread = { ...review.thread, accountId: review.accountId };
        const analysis = await analyseThread(tx, { thread, at: instant(asOf) }, this.rules);
        await saveReview(tx, caseId, { analysis, measured: await measureThread(tx, thread) });
      }),
    );
  }
}
