// Activities room. The two ends of a step that a bot's own agent does: one short idempotent transaction each. Where
// credits lack, the job pauses between its steps.
import type {
  AbandonReportedInput,
  BeginReportedInput,
  BeginReportedStepResult,
  EndReportedInput,
  EndReportedStepResult,
  ReportedActivities,
} from '@fairmeter/contracts';
import { packRefusal, unpackRefusal } from '@fairmeter/contracts';
import type { AbandonResult, Refusal } from '@fairmeter/domain';
import {
  hasEnded,
  instant,
  invariant,
  modelRefusedBy,
  NO_REPORT,
  parseMicroCredits,
  priceOf,
  usesModel,
  waitCauseOf,
} from '@fairmeter/domain';
import type { JobControlLedger, ReportedLedger } from '@fairmeter/ledger';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { readBotForAdmission, readRateCard } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import type { JobMemory } from '../jobs/job-memory.js';
import { payerOf } from '../jobs/job-memory.js';
import { brokenIsFinal } from '../to-application-failure.js';

export interface ReportedActivityParts {
  readonly reported: ReportedLedger;
  readonly control: JobControlLedger;
  readonly entities: EntityDatabase;
  readonly memory: JobMemory;
  readonly clock: Clock;
}

const BEGIN_TRIES = 5;

export class ReportedJobActivities implements ReportedActivities {
  constructor(private readonly parts: ReportedActivityParts) {}

  async beginReportedStep(input: BeginReportedInput): Promise<BeginReportedStepResult> {
    return brokenIsFinal(async () => {
      for (let time = 1; time <= BEGIN_TRIES; time++) {
        const begun = await this.begin(input);
        if (begun.outcome === 'begun') return begun;
        const paused = await this.pauseFor(input, unpackRefusal(begun.refusal), time);
        if (paused === null) return begun;
        if (paused !== 'enough') return { ...begun, waitsUntil: paused };
      }
      throw new Error('what a step lacked came and went again while it was asked for');
    });
  }

  async endReportedStep(input: EndReportedInput): Promise<EndReportedStepResult> {
    return brokenIsFinal(async () => {
      const { card, payer } = await this.groundOf(input.jobId);
      const { callKey, bodyHash, step: ordinal, attempt, meters, seen, ...told } = input;
      const ended = await unlessBusy(
        this.parts.reported.endStep({
          payer,
          callKey,
          bodyHash,
          asOf: instant(input.asOf),
          order: {
            ordinal,
            attempt,
            card,
            meters,
            unmetered: told.unmetered,
            green: told.green,
            report: seen === null ? NO_REPORT : { seen },
            resultBytes: told.resultBytes,
            providerRequestId: told.providerRequestId,
            latencyMs: told.latencyMs,
          },
        }),
      );
      if (!ended.ok) return { outcome: 'refused', refusal: packRefusal(said(ended.refusal)) };
      const { result } = ended.value;
      if (result.outcome === 'late') {
        const { jobState: state } = result;
        const late: Refusal = hasEnded(state) ? { code: 'job_ended', state } : { code: 'attempt_closed', attempt };
        return { outcome: 'refused', refusal: packRefusal(late) };
      }
      return {
        outcome: 'ended',
        chargeMicroCredits: result.charge,
        chargedSoFarMicroCredits: result.chargedSoFar,
        budgetLeftMicroCredits: result.budgetLeft,
      };
    });
  }

  async abandonReportedStep(input: AbandonReportedInput): Promise<AbandonResult> {
    return brokenIsFinal(async () => {
      const { jobId, asOf, ordinal, attempt } = input;
      const { card, payer } = await this.groundOf(jobId);
      const { minimumCharge } = card;
      const heldByOthers = parseMicroCredits(input.heldByOthersMicroCredits);
      const order = { ordinal, attempt, heldByOthers, minimumCharge };
      const { reported } = this.parts;
      const abandoned = await unlessBusy(reported.abandonStep(payer, instant(asOf), order));
      invariant(abandoned.ok, 'hold.ends-once', abandoned.ok ? '' : `letting go answered ${abandoned.refusal.code}`);
      return abandoned.value.result;
    });
  }

  private async begin(input: BeginReportedInput): Promise<BeginReportedStepResult> {
    const { jobId, callKey, bodyHash, ordinal, iteration, thing, need } = input;
    const { card, model, payer } = await this.groundOf(jobId);
    const blocked = input.blocked === null ? await this.notInPlan(input) : unpackRefusal(input.blocked);
    const begun = await unlessBusy(
      this.parts.reported.beginStep({
        payer,
        callKey,
        bodyHash,
        asOf: instant(input.asOf),
        order: {
          ...thing,
          model: usesModel(thing.kind) ? (thing.model ?? model) : null,
          ordinal,
          iteration,
          card,
          need,
          heldByOthers: parseMicroCredits(input.heldByOthersMicroCredits),
          blocked,
        },
      }),
    );
    if (!begun.ok) return { outcome: 'refused', refusal: packRefusal(said(begun.refusal)) };
    const { result } = begun.value;
    return {
      outcome: 'begun',
      step: result.ordinal,
      attempt: result.attempt,
      heldMicroCredits: result.held,
      maxOutputTokens: result.maxOutputTokens,
    };
  }

  /** Null where waiting would not help, or may not be. */
  private async pauseFor(input: BeginReportedInput, refusal: Refusal, time: number): Promise<number | 'enough' | null> {
    const cause = waitCauseOf(refusal);
    const { waitMs, jobId, ordinal, asOf } = input;
    if (cause === null || waitMs === undefined) return null;
    const { card, payer } = await this.groundOf(jobId);
    const { minimumCharge } = card;
    const { code, required } = cause;
    const paused = await unlessBusy(
      this.parts.control.waitForCredits({
        payer,
        // A repeated transaction of this try finds its answer; the caller's next try has another instant.
        tryKey: `reported.${input.callKey}.${asOf}.${time}`,
        asOf: instant(asOf),
        order: { ordinal, code, required, minimumCharge, waitMs },
      }),
    );
    if (!paused.ok) return null;
    const { result } = paused.value;
    return result.outcome === 'enough' ? 'enough' : result.until;
  }

  /** The model of the job was judged with its admission; any other is judged by what plan and bot allow now. */
  private async notInPlan({ jobId, thing }: BeginReportedInput): Promise<Refusal | null> {
    const { entities, clock } = this.parts;
    const { botId, model, card } = await this.groundOf(jobId);
    if (!usesModel(thing.kind) || thing.model === null || thing.model === model) return null;
    const price = priceOf(card, thing.model);
    // What has no price is refused for that.
    if (price === undefined) return null;
    const bot = await readBotForAdmission(entities.manager, botId, instant(clock.now()));
    if (bot === null) return { code: 'bot_not_found' };
    const { plan, limits } = bot;
    const limitedBy = modelRefusedBy(price, plan, limits);
    if (limitedBy === null) return null;
    const { tiers, names } = plan.models;
    return limitedBy === 'plan'
      ? { code: 'model_not_in_plan', model: price.model, plan: plan.name, limitedBy, tiers, models: names }
      : {
          code: 'model_not_in_plan',
          model: price.model,
          plan: plan.name,
          limitedBy,
          tiers: [],
          models: limits.models ?? [],
        };
  }

  private async groundOf(jobId: string) {
    const { manager } = this.parts.entities;
    const job = await this.parts.memory.job(manager, jobId);
    const { botId, model, rateCardId } = job;
    return { botId, model, payer: payerOf(job), card: await readRateCard(manager, rateCardId) };
  }
}

/** A caller names its calls; how we name our operations is nothing to it. */
function said(refusal: Refusal): Refusal {
  return refusal.code === 'operation_mismatch' ? { code: 'idempotency_mismatch' } : refusal;
}
