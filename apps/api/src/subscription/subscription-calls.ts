// API room. The way to the workflow of a subscription: it is begun where it was not yet, asked, and heard out. One
// workflow per subject decides in order, so two people who change at once are told one after the other.
import type { SubscriptionInput, SubscriptionTold, UpdateDefinition } from '@fairmeter/contracts';
import {
  ACCOUNT_SUBSCRIPTION_WORKFLOW,
  closeSignal,
  END_USER_SUBSCRIPTION_WORKFLOW,
  standingUpdate,
  subscriptionWorkflowId,
} from '@fairmeter/contracts';
import type { SubscriptionSubject } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { AdmissionClient, AdmissionUnknown, refusalOf } from '../jobs/admission-client.js';
import { toldRefusal } from '../jobs/told-refusal.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';

export interface SubscriptionQuestion<Args extends unknown[]> {
  /** Who hears the answer; the staff hear it as it is. */
  readonly caller?: Caller;
  /** What it begins with, should it not run. */
  readonly input: SubscriptionInput;
  /** The same question under the same name is asked once. */
  readonly name: string;
  /** Of the request: tells it from others of the same name. */
  readonly requestId: string;
  readonly args: Args;
}

interface Beginning {
  /** Who hears of a refusal, where somebody asked for it. */
  readonly caller?: Caller;
  readonly name?: string;
  readonly withinMs?: number;
}

@Injectable()
export class SubscriptionCalls {
  constructor(
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** Begun where it is not yet; answers once its first plan stands, or is ordered. */
  async begin(input: SubscriptionInput, { caller, name = 'first', withinMs }: Beginning = {}): Promise<void> {
    try {
      await this.temporal.startAndAsk(standingUpdate, {
        ...workflowOf(input),
        // Of each beginning its own: the server would answer a finished one again, also of a run that is over.
        updateId: `${standingUpdate.name}/${name}`,
        deadline: this.clock.now() + (withinMs ?? this.config.admitDeadlineMs),
      });
    } catch (error) {
      throw this.heard(error, caller);
    }
  }

  async ask<Args extends unknown[]>(
    update: UpdateDefinition<SubscriptionTold, Args>,
    question: SubscriptionQuestion<Args>,
  ): Promise<void> {
    const { caller, input, name, requestId, args } = question;
    const askAs = async (updateId: string): Promise<unknown> => {
      const deadline = this.clock.now() + this.config.admitDeadlineMs;
      return this.temporal.startAndAsk(update, { ...workflowOf(input), updateId, args, deadline });
    };
    try {
      // What was refused under this name may have been refused long ago: it is decided anew, and so told.
      await askAs(name).catch(async (error: unknown) => {
        if (refusalOf(error) === undefined) throw error;
        return askAs(`${name}/${requestId}`);
      });
    } catch (error) {
      throw this.heard(error, caller);
    }
  }

  /** What renews ends, and nothing begins any more. Nobody to tell is as good: it has ended, or never began. */
  async close(subject: SubscriptionSubject): Promise<void> {
    const deadline = this.clock.now() + this.config.admitDeadlineMs;
    try {
      await this.temporal.tell(closeSignal, { workflowId: subscriptionWorkflowId(subject), args: [], deadline });
    } catch (error) {
      throw this.heard(error);
    }
  }

  private heard(error: unknown, caller?: Caller): unknown {
    const refusal = refusalOf(error);
    const now = this.clock.now();
    if (refusal !== undefined) {
      return caller === undefined ? refusalProblem(refusal, now) : toldRefusal(refusal, caller, now);
    }
    if (!(error instanceof AdmissionUnknown)) return error;
    return new ProblemError(
      'subscription_unknown',
      'No answer came in time. Send the same request again with the same Idempotency-Key: it cannot be done twice.',
      { cause: error },
    );
  }
}

function workflowOf(input: SubscriptionInput): { workflow: string; workflowId: string; input: SubscriptionInput } {
  const { subject } = input;
  const workflow = subject.kind === 'account' ? ACCOUNT_SUBSCRIPTION_WORKFLOW : END_USER_SUBSCRIPTION_WORKFLOW;
  return { workflow, workflowId: subscriptionWorkflowId(subject), input };
}
