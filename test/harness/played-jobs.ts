// Test harness. Jobs posted to the ledger step by step, as a worker would, without a workflow: any kind of step, tries
// that fail, tries that are overtaken, budgets and credits that do not reach.
import type {
  AdmitOrder,
  BotTerms,
  Instant,
  Meters,
  MicroCredits,
  RequestKind,
  Stage,
  StageVerdict,
  StepKind,
  StepPrice,
  StepReport,
} from '@fairmeter/domain';
import { endUserScope } from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import { newId } from '@fairmeter/platform/database';
import { admitOrder, after, beginOrder, creditsOf, endOrder, failOrder, T0, wishFor } from './orders.js';

export interface PlayedStep {
  readonly stage: Stage;
  readonly kind: StepKind;
  readonly iteration?: number;
  readonly price: StepPrice;
  /** Tries that failed by the provider's fault, with what they used. */
  readonly failed?: readonly Meters[];
  /** Another try took over before the last one had ended. */
  readonly overtaken?: boolean;
  /** Null: still at work. */
  readonly used: Meters | null;
  readonly chargeClass?: 'billable' | 'platform_fault';
  readonly verdict?: StageVerdict;
  readonly report?: StepReport;
  readonly resultRef?: string | null;
}

export interface PlayedJob {
  readonly bot: BotTerms;
  readonly maxCredits?: MicroCredits;
  readonly model?: string;
  readonly steps: readonly PlayedStep[];
  /** False leaves the job running. */
  readonly settles?: boolean;
  readonly asOf?: Instant;
  /** From the beginning of one step to that of the next, half of which it works. */
  readonly paceMs?: number;
  readonly requestKind?: RequestKind;
  readonly threadId?: string | null;
  /** Of what was asked; by default all were asked the same. */
  readonly bodyHash?: string;
  readonly contextBytes?: number;
  /** Who asked and paid with units of their own; the account by default. */
  readonly visitorId?: string;
}

export interface Played {
  readonly accountId: string;
  readonly jobId: string;
  /** The account's own by default. */
  readonly scopeId?: string;
}

/** Steps that the ledger refuses end the job, as they do in a workflow. Null: it was not admitted. */
export async function playJob(ledger: JobLedger, job: PlayedJob): Promise<Played | null> {
  const {
    bot,
    steps,
    settles = true,
    asOf = T0,
    paceMs = 0,
    requestKind = 'generate',
    threadId = null,
    bodyHash = 'body',
  } = job;
  const { accountId } = bot;
  const jobId = newId('job');
  const { maxCredits = null, model = null, contextBytes = 0 } = job;
  const wish = wishFor({ maxCredits, model, contextBytes });
  const contextRef = contextBytes === 0 ? null : `txt_files_of_${jobId}`;
  const payer: Partial<AdmitOrder> = job.visitorId === undefined ? {} : paidBy(bot, job.visitorId);
  const asked = { bot, wish, requestKind, threadId, bodyHash, contextRef, ...payer };
  const admitted = await ledger.admit(accountId, asOf, admitOrder(jobId, asked));
  if (!admitted.ok) return null;
  const played = { accountId, jobId, ...(payer.scopeId === undefined ? {} : { scopeId: payer.scopeId }) };
  for (const [index, step] of steps.entries()) {
    const begins = after(asOf, index * paceMs);
    const ends = after(begins, paceMs / 2);
    if (!(await playStep(ledger, { played, ordinal: index + 1, step, begins, ends }))) break;
  }
  if (settles) {
    const order = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
    const settled = await ledger.settle(played, after(asOf, steps.length * paceMs), order);
    if (!settled.ok) throw new Error(settled.refusal.code);
  }
  return played;
}

function paidBy({ botId }: BotTerms, id: string): Partial<AdmitOrder> {
  return {
    scopeId: endUserScope(botId, id),
    payer: { funding: 'end_user', publicMayUseBonus: false },
    requester: { kind: 'visitor', id },
    byVisitor: false,
  };
}

interface StepCase {
  readonly played: Played;
  readonly ordinal: number;
  readonly step: PlayedStep;
  readonly begins: Instant;
  readonly ends: Instant;
}

async function playStep(ledger: JobLedger, { played: payer, ordinal, step, begins, ends }: StepCase): Promise<boolean> {
  const { stage, kind, iteration = 1, price, failed = [], used } = step;
  let tries = 0;
  const begin = async (): Promise<number | null> => {
    const order = beginOrder(ordinal, { stage, kind, iteration, price });
    const begun = await ledger.beginStep({ payer, tryKey: `try-${(tries += 1)}`, asOf: begins, order });
    return begun.ok && begun.value.result.outcome === 'begun' ? begun.value.result.attempt : null;
  };
  for (const meters of failed) {
    const attempt = await begin();
    if (attempt === null) return false;
    await ledger.failAttempt({
      payer,
      tryKey: `try-${tries}`,
      asOf: begins,
      order: failOrder(ordinal, attempt, { price, meters }),
    });
  }
  const first = await begin();
  const last = step.overtaken === true ? await begin() : first;
  if (first === null || last === null) return false;
  if (used === null) return false;
  const { chargeClass = 'billable', verdict = 'go_on', report = {}, resultRef = null } = step;
  const fault = chargeClass === 'billable' ? null : 'tool_crash';
  const order = endOrder(ordinal, last, { price, meters: used, chargeClass, fault, verdict, report, resultRef });
  const ended = await ledger.endStep({ payer, tryKey: `try-${tries}`, asOf: ends, order });
  if (!ended.ok) throw new Error(ended.refusal.code);
  return true;
}
