// API room. What is said in a usage review reaches its workflow, which is started where it does not run: a case that is
// closed needs none.
import type { ReviewWord } from '@fairmeter/contracts';
import {
  openedReviewUpdate,
  sayInReviewUpdate,
  USAGE_REVIEW_WORKFLOW,
  usageReviewWorkflowId,
} from '@fairmeter/contracts';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { AdmissionClient, AdmissionUnknown, refusalOf } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';

/** It is there by then, or it is not. */
const HEARD_WITHIN_MS = 1_000;

@Injectable()
export class ReviewTalk {
  constructor(
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** Until the case is on its way. */
  async open(caseId: string): Promise<void> {
    await this.inTime(async () =>
      this.temporal.startAndAsk(openedReviewUpdate, { ...this.runOf(caseId), updateId: openedReviewUpdate.name }),
    );
  }

  /** Under one name once: `name` is the Idempotency-Key, or the request where none was sent. */
  async say(caseId: string, word: ReviewWord, name: string): Promise<void> {
    const updateId = updateIdOf(word, name);
    await this.inTime(async () =>
      this.temporal.startAndAsk(sayInReviewUpdate, {
        ...this.runOf(caseId),
        updateId,
        args: [{ ...word, key: updateId }],
      }),
    );
  }

  /** Whether a word that was not answered in time is with the case all the same, and has its turn. */
  async wasHeard(caseId: string, word: ReviewWord, name: string): Promise<boolean> {
    const deadline = this.clock.now() + HEARD_WITHIN_MS;
    const workflowId = usageReviewWorkflowId(caseId);
    return this.temporal.wasHeard({ workflowId, updateId: updateIdOf(word, name), deadline });
  }

  private runOf(caseId: string) {
    return {
      workflow: USAGE_REVIEW_WORKFLOW,
      workflowId: usageReviewWorkflowId(caseId),
      input: { caseId },
      deadline: this.clock.now() + this.config.admitDeadlineMs,
    };
  }

  private async inTime(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) throw refusalProblem(refusal, this.clock.now());
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError(
        'review_unknown',
        'No answer came in time. Send the same request again: nothing is done twice.',
        { cause: error },
      );
    }
  }
}

function updateIdOf({ says, actor }: ReviewWord, name: string): string {
  return createHash('sha256').update(`${says}\n${actor.id}\n${name}`).digest('hex');
}
