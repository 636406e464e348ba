// Activities room. One step: begins with its worst case held, calls the model once, ends with what it used captured.
// Between the two transactions lies the world; at most one attempt of a step is open, and a late end moves no money.
import { PROVIDER_FAULT, type RunStepInput, type RunStepResult, type StepActivities } from '@fairmeter/contracts';
import type { EndStepOrder, FailAttemptOrder, Meters, TokenMeters } from '@fairmeter/domain';
import { estimateTokens, instant, NO_TOKENS, systemShare, verdictOf } from '@fairmeter/domain';
import type { JobLedger, JobPayer, StepPost } from '@fairmeter/ledger';
import { startSpan } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { ModelAnswer, ModelFault, ModelPort } from '@fairmeter/providers';
import { formatRequestRef, SCRIPT_ERROR_NAMES } from '@fairmeter/providers';
import { answerRef, saveText } from '@fairmeter/records';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { askAgain, unlessBusy } from '../ask-again.js';
import type { JobMemory } from '../jobs/job-memory.js';
import { brokenIsFinal } from '../to-application-failure.js';
import type { PreparedStep } from './step-preparation.js';
import { prepareStep } from './step-preparation.js';

export interface StepActivityParts {
  readonly jobs: JobLedger;
  readonly entities: EntityDatabase;
  readonly models: ModelPort;
  readonly memory: JobMemory;
}

/** One try of one step, as its transactions need to name it. */
interface Try {
  readonly input: RunStepInput;
  readonly step: PreparedStep;
  readonly payer: JobPayer;
  readonly tryKey: string;
  readonly attempt: number;
  readonly startedMs: number;
}

export class StepActivitiesOverModels implements StepActivities {
  constructor(private readonly parts: StepActivityParts) {}

  async runStep(input: RunStepInput): Promise<RunStepResult> {
    return brokenIsFinal(async () => {
      const signal = Context.current().cancellationSignal;
      const step = await askAgain(() => prepareStep(this.parts.entities.manager, this.parts.memory, input), signal);
      const traceparent = step.job.traceParent;
      return startSpan({ name: `step.${input.stage}`, traceparent, attributes: { 'job.id': input.jobId } }, () =>
        this.beginAndCall(input, step),
      );
    });
  }

  private async beginAndCall(input: RunStepInput, step: PreparedStep): Promise<RunStepResult> {
    const context = Context.current();
    const { info, cancellationSignal: signal } = context;
    const payer: JobPayer = { accountId: step.job.accountId, jobId: step.job.id };
    // A retried transaction of this try finds its answer by this key; the next try of the step has another.
    const tryKey = `${info.workflowExecution?.runId ?? 'no-run'}.${info.activityId}.${info.attempt}`;
    const begun = await askAgain(
      () =>
        unlessBusy(
          this.parts.jobs.beginStep({
            payer,
            tryKey,
            asOf: instant(input.asOf),
            order: {
              ordinal: input.ordinal,
              iteration: input.iteration,
              stage: input.stage,
              kind: input.kind,
              price: step.price,
              inputBytes: step.inputBytes,
              inputMessages: step.conversation.messages.length,
              minimumCharge: step.minimumCharge,
            },
          }),
        ),
      signal,
    );
    if (!begun.ok) return notBegun(begun.refusal.code);
    const { result } = begun.value;
    if (result.outcome === 'ended_before') {
      return { outcome: 'ended', verdict: result.verdict, chargeMicroCredits: result.charge };
    }
    const now: Try = { input, step, payer, tryKey, attempt: result.attempt, startedMs: Date.now() };
    // Until what came of the call is written down: silence would give the step to another worker, and call again.
    const beat = setInterval(() => {
      context.heartbeat();
    }, HEARTBEAT_MS);
    try {
      const outcome = await this.callModel(now, result.maxOutputTokens);
      return outcome.kind === 'answered' ? await this.end(now, outcome) : await this.fail(now, outcome);
    } finally {
      clearInterval(beat);
    }
  }

  private async callModel(now: Try, maxOutputTokens: number): Promise<ModelAnswer | ModelFault> {
    const context = Context.current();
    const { price, conversation } = now.step;
    const { input } = now;
    try {
      return await this.parts.models.generate(
        {
          provider: price.provider,
          model: price.providerModel,
          system: conversation.system,
          messages: conversation.messages,
          maxOutputTokens,
          requestRef: formatRequestRef({
            jobId: input.jobId,
            ordinal: input.ordinal,
            stage: input.stage,
            attempt: now.attempt,
          }),
        },
        { signal: context.cancellationSignal },
      );
    } catch (error) {
      // A script that ran out is a mistake in a test or a demo: trying again would only hide it.
      if (error instanceof Error && (SCRIPT_ERROR_NAMES as readonly string[]).includes(error.name)) {
        throw ApplicationFailure.nonRetryable(error.message, error.name);
      }
      throw error;
    }
  }

  private async end(now: Try, answer: ModelAnswer): Promise<RunStepResult> {
    const { input, step } = now;
    const resultRef = answerRef(input.jobId, input.ordinal, now.attempt);
    const resultBytes = Buffer.byteLength(answer.text);
    const used = answer.usage ?? estimateTokens(step.inputBytes, resultBytes);
    const { signal } = neverAborted;
    await askAgain(
      () =>
        saveText(this.parts.entities.manager, {
          id: resultRef,
          accountId: step.job.accountId,
          subject: step.job.botId,
          purpose: 'answer',
          body: answer.text,
        }),
      signal,
    );
    // Made once: asking again with other figures would be another operation under the same key.
    const post: StepPost<EndStepOrder> = {
      payer: now.payer,
      tryKey: now.tryKey,
      asOf: instant(input.asOf),
      order: {
        ordinal: input.ordinal,
        attempt: now.attempt,
        price: step.price,
        meters: this.meters(now, used, resultBytes),
        unmetered: answer.usage === null,
        verdict: verdictOf(input.stage, answer.text),
        resultRef,
        resultBytes,
        providerRequestId: answer.providerRequestId,
        region: answer.region,
        latencyMs: Date.now() - now.startedMs,
      },
    };
    const ended = await askAgain(() => unlessBusy(this.parts.jobs.endStep(post)), signal);
    if (!ended.ok) throw ApplicationFailure.nonRetryable(`ending a step answered ${ended.refusal.code}`, 'broken');
    const { result } = ended.value;
    if (result.outcome === 'late') throw ApplicationFailure.nonRetryable('another attempt took over', 'superseded');
    this.parts.memory.stepEnded(input.jobId, { ordinal: input.ordinal, stage: input.stage, resultRef });
    return { outcome: 'ended', verdict: result.verdict, chargeMicroCredits: result.charge };
  }

  private async fail(now: Try, fault: ModelFault): Promise<RunStepResult> {
    const { input, step } = now;
    const partialBytes = Buffer.byteLength(fault.partialText);
    const used = fault.usage ?? (partialBytes > 0 ? estimateTokens(step.inputBytes, partialBytes) : NO_TOKENS);
    const post: StepPost<FailAttemptOrder> = {
      payer: now.payer,
      tryKey: now.tryKey,
      asOf: instant(input.asOf),
      order: {
        ordinal: input.ordinal,
        attempt: now.attempt,
        fault: fault.fault,
        meters: this.meters(now, used, partialBytes),
        providerRequestId: fault.providerRequestId,
        latencyMs: Date.now() - now.startedMs,
      },
    };
    await askAgain(() => unlessBusy(this.parts.jobs.failAttempt(post)), neverAborted.signal);
    if (fault.fault === 'cancelled') throw new CancelledFailure('the step was cancelled');
    if (fault.fault === 'bad_request') return { outcome: 'provider_refused' };
    throw ApplicationFailure.create({
      message: fault.message,
      type: PROVIDER_FAULT,
      nonRetryable: !fault.retryable || now.attempt >= PROVIDER_TRIES,
      details: [{ fault: fault.fault, status: fault.status }],
      ...(fault.retryAfterMs === null ? {} : { nextRetryDelay: fault.retryAfterMs }),
    });
  }

  private meters(now: Try, used: TokenMeters, outputBytes: number): Meters {
    const { systemBytes, inputBytes } = now.step;
    return {
      ...used,
      system: systemShare(used, systemBytes, inputBytes),
      calls: 1,
      milliseconds: Date.now() - now.startedMs,
      bytes: inputBytes + outputBytes,
    };
  }
}

const HEARTBEAT_MS = 5_000;
/** How often a provider may fail a step. An outage of our own does not count: it is waited out. */
const PROVIDER_TRIES = 5;
/** What a provider has produced is written down also when the job was cancelled meanwhile. */
const neverAborted = new AbortController();

function notBegun(code: string): RunStepResult {
  if (code === 'credits_exhausted') return { outcome: 'not_held', reason: 'credits_exhausted' };
  if (code === 'budget_too_small') return { outcome: 'not_held', reason: 'budget_reached' };
  throw ApplicationFailure.nonRetryable(`a step could not begin: ${code}`, code);
}
