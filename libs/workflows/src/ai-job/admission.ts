// Workflows room. The door of one run: whoever asks, with whatever update id, gets the one decision of this run.
import type { AdmitAnswer, AdmitJobResult, AdmitRequest, AiJobInput } from '@fairmeter/contracts';
import { packRefusal } from '@fairmeter/contracts';
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { admitJob } from '../proxies.js';

export class Admission {
  private decision: Promise<AdmitJobResult> | undefined;
  private decidedFor = '';
  result: AdmitJobResult | undefined;
  /** Set when deciding broke, which is a bug: the run must fail visibly instead of waiting for a decision. */
  broken: Error | undefined;

  constructor(
    private readonly input: AiJobInput,
    /** A continued run admitted its job long ago. */
    known: AdmitJobResult | undefined,
  ) {
    if (known !== undefined) {
      this.decision = Promise.resolve(known);
      this.result = known;
    }
  }

  get wasAsked(): boolean {
    return this.decision !== undefined;
  }

  get isDecided(): boolean {
    return this.result !== undefined || this.broken !== undefined;
  }

  async answer(request: AdmitRequest): Promise<AdmitAnswer> {
    const { runId } = workflowInfo();
    if (request.bodyHash !== this.input.bodyHash) {
      return {
        outcome: 'refused',
        refusal: packRefusal({ code: 'idempotency_mismatch' }),
        requestId: request.requestId,
        decidedAt: Date.now(),
        runId,
      };
    }
    if (this.decision === undefined) {
      this.decidedFor = request.requestId;
      this.decision = this.decide(request);
    }
    const decided = await this.decision;
    if (decided.outcome === 'refused') {
      const { refusal, decidedAt } = decided;
      return { outcome: 'refused', refusal, requestId: this.decidedFor, decidedAt, runId };
    }
    const jobId = decided.outcome === 'admitted' ? decided.job.jobId : decided.jobId;
    return { outcome: 'admitted', jobId, requestId: this.decidedFor };
  }

  private async decide(request: AdmitRequest): Promise<AdmitJobResult> {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    try {
      // A request to cancel must not part us from a hold that is being written: it is obeyed once we know of it.
      this.result = await CancellationScope.nonCancellable(() =>
        admitJob({
          workflowId,
          runId: firstExecutionRunId,
          keyHash: this.input.keyHash,
          bodyHash: this.input.bodyHash,
          request: this.input.request,
          admitBefore: request.admitBefore,
          asOf: Date.now(),
          traceparent: this.input.traceparent,
        }),
      );
      return this.result;
    } catch (error) {
      this.broken = error instanceof Error ? error : new Error('deciding threw no error', { cause: error });
      throw this.broken;
    }
  }
}
