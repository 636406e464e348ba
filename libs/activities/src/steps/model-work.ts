// Activities room. A step in which a model is asked: its conversation, the one call, and what came of it.
import type { RunStepInput } from '@fairmeter/contracts';
import type { Conversation, Meters, ModelPrice, ModelStage, StepReport, TokenMeters } from '@fairmeter/domain';
import { atLeast, environmentOf, invariant, NO_TOKENS, priceOf, systemShare, verdictOf } from '@fairmeter/domain';
import type { ModelFault, ModelOutcome } from '@fairmeter/providers';
import { formatRequestRef, SCRIPT_ERROR_NAMES, TEST_PROVIDER } from '@fairmeter/providers';
import { bytesByPart } from '@fairmeter/providers/tools';
import type { TextToSave } from '@fairmeter/records';
import { answerRef, readRateCard, saveText, storedText } from '@fairmeter/records';
import { ApplicationFailure } from '@temporalio/common';
import { askAgain } from '../ask-again.js';
import type { PinnedJob } from '../jobs/job-memory.js';
import { readConversation } from './conversations.js';
import type { StepParts } from './step-parts.js';
import { NEVER_ABORTED } from './step-parts.js';
import { seenOfAnswer } from './seen.js';
import { reportOfAnswer } from './tool-calls.js';
import type { Brought, PaidAnswer, StepWork, Try, WorkDone, WorkFailed, WorkStopped } from './work.js';

export async function modelWork(parts: StepParts, input: RunStepInput, stage: ModelStage): Promise<StepWork> {
  const { manager } = parts.entities;
  const job = await parts.memory.job(manager, input.jobId);
  const card = await readRateCard(manager, job.rateCardId);
  const price = priceOf(card, job.model);
  invariant(price !== undefined, 'price.pinned', `${job.model} is not on the pinned card ${job.rateCardId}`);
  const conversation = await readConversation(parts, { job, input, stage });
  return new AskModel(parts, { job, price, conversation, stage });
}

interface Asked {
  readonly job: PinnedJob;
  readonly price: ModelPrice;
  readonly conversation: Conversation;
  readonly stage: ModelStage;
}

class AskModel implements StepWork {
  readonly job: PinnedJob;
  readonly price: StepWork['price'];
  readonly inputBytes: number;
  readonly inputMessages: number;
  brought: Brought | null = null;

  constructor(
    private readonly parts: StepParts,
    private readonly asked: Asked,
  ) {
    const { system, messages } = asked.conversation;
    this.job = asked.job;
    this.price = { pricedBy: 'tokens', price: asked.price };
    const texts = [system, ...messages.map((message) => message.text)];
    this.inputBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    this.inputMessages = messages.length;
  }

  async run(now: Try, maxOutputTokens: number): Promise<WorkDone | WorkFailed | WorkStopped> {
    if (now.kept !== null) {
      this.brought = { answer: now.kept, isKept: true };
      return this.answered(now, now.kept);
    }
    this.brought = null;
    const outcome = await this.call(now, maxOutputTokens);
    if (outcome.kind !== 'answered') {
      return outcome.fault === 'cancelled' ? this.stopped(now, outcome) : this.failed(now, outcome);
    }
    const { text, usage, providerRequestId, region } = outcome;
    const answer = { text, usage, providerRequestId, region, latencyMs: Date.now() - now.startedMs };
    // Before anything is made of it: from here on nobody has to be paid for it again.
    this.brought = { answer, isKept: false };
    const { text: body, ...told } = answer;
    await this.keep(now, { body, told });
    this.brought = { answer, isKept: true };
    return this.answered(now, answer);
  }

  private async call(now: Try, maxOutputTokens: number): Promise<ModelOutcome> {
    const { conversation, price, stage, job } = this.asked;
    const { jobId, ordinal } = now.input;
    // Whatever model a test key names, nobody outside is asked.
    const provider = environmentOf(job.scopeId) === 'test' ? TEST_PROVIDER : price.provider;
    try {
      return await this.parts.models.generate(
        {
          provider,
          model: price.providerModel,
          ...conversation,
          maxOutputTokens,
          requestRef: formatRequestRef({ jobId, ordinal, stage, attempt: now.attempt }),
        },
        { signal: now.signal },
      );
    } catch (error) {
      // A script that ran out is a mistake in a test or a demo: trying again would only hide it.
      if (error instanceof Error && (SCRIPT_ERROR_NAMES as readonly string[]).includes(error.name)) {
        throw ApplicationFailure.nonRetryable(error.message, error.name);
      }
      throw error;
    }
  }

  private async answered(now: Try, answer: PaidAnswer): Promise<WorkDone> {
    const resultBytes = Buffer.byteLength(answer.text);
    return {
      kind: 'done',
      resultRef: refOf(now),
      resultBytes,
      verdict: verdictOf(this.asked.stage, answer.text),
      report: this.reportOf(answer.text),
      meters: await this.meters(now, answer.usage ?? (await this.ownCount(answer.text)), resultBytes),
      unmetered: answer.usage === null,
      providerRequestId: answer.providerRequestId,
      region: answer.region,
      fault: null,
    };
  }

  private async keep(now: Try, answer: Pick<TextToSave, 'body' | 'told'>): Promise<string> {
    const id = refOf(now);
    const { accountId, subject } = this.job;
    const text = { id, accountId, subject, purpose: 'answer', ...answer } as const;
    await askAgain(() => saveText(this.parts.entities.manager, text), NEVER_ABORTED);
    this.parts.memory.texts.keep(now.input.jobId, id, storedText(answer.body));
    return id;
  }

  /** The provider's count so far, or where it told none our own of what had arrived: nothing where nothing had. */
  private async stopped(now: Try, { usage, partialText, providerRequestId, region }: ModelFault): Promise<WorkStopped> {
    const resultBytes = Buffer.byteLength(partialText);
    const own = resultBytes > 0 ? await this.ownCount(partialText) : NO_TOKENS;
    return {
      kind: 'stopped',
      meters: await this.meters(now, usage === null ? own : atLeast(usage, own), resultBytes),
      unmetered: usage === null && resultBytes > 0,
      resultRef: resultBytes > 0 ? await this.keep(now, { body: partialText }) : null,
      resultBytes,
      providerRequestId,
      region,
    };
  }

  private async failed(now: Try, fault: ModelFault): Promise<WorkFailed> {
    const partialBytes = Buffer.byteLength(fault.partialText);
    const used = fault.usage ?? (partialBytes > 0 ? await this.ownCount(fault.partialText) : NO_TOKENS);
    return {
      kind: 'failed',
      fault: fault.fault,
      message: fault.message,
      status: fault.status,
      retryable: fault.retryable,
      retryAfterMs: fault.retryAfterMs,
      meters: await this.meters(now, used, partialBytes),
      providerRequestId: fault.providerRequestId,
    };
  }

  private reportOf(answer: string): StepReport {
    const { stage } = this.asked;
    const calls = this.job.program === 'workspace' && stage !== 'plan' ? reportOfAnswer(answer) : {};
    const parts = stage === 'plan' || stage === 'review' ? {} : { parts: Object.fromEntries(bytesByPart(answer)) };
    return { ...calls, ...parts, seen: seenOfAnswer(stage, this.job.program === 'workspace' ? null : answer) };
  }

  /** What stands in where a provider tells no usage. */
  private async ownCount(answer: string): Promise<TokenMeters> {
    const { family } = this.asked.price;
    return { ...NO_TOKENS, input: await this.inputTokens(), output: await this.parts.tokens.count(family, answer) };
  }

  private async inputTokens(): Promise<number> {
    const { system, messages } = this.asked.conversation;
    const { tokens } = this.parts;
    return tokens.countAll(this.asked.price.family, [system, ...messages.map((message) => message.text)]);
  }

  private async meters(now: Try, used: TokenMeters, outputBytes: number): Promise<Meters> {
    const { conversation, price } = this.asked;
    const milliseconds = Date.now() - now.startedMs;
    const systemTokens = await this.parts.tokens.count(price.family, conversation.system);
    return {
      ...used,
      system: systemShare(used, systemTokens, await this.inputTokens()),
      calls: 1,
      milliseconds,
      bytes: this.inputBytes + outputBytes,
    };
  }
}

function refOf({ input, attempt }: Try): string {
  return answerRef(input.jobId, input.ordinal, attempt);
}
