// API room. How a refusal of the domain reads over HTTP: a sentence for people, and details as the wire writes them.
// The table is total: a new code compiles only when it has said what it shows.
import type {
  ChangeWithoutEffect,
  FailureCode,
  Instant,
  LimitedBy,
  LimitReached,
  LimitSource,
  Refusal,
} from '@fairmeter/domain';
import { add, formatCredits, GRANT_APPROVERS, instantToText, shortfall } from '@fairmeter/domain';
import type { ProblemMembers } from './problem-error.js';
import { ProblemError } from './problem-error.js';

interface Spoken {
  readonly detail: string;
  readonly members?: ProblemMembers;
  readonly headers?: Readonly<Record<string, string>>;
}

type Speaker<C extends FailureCode> = (refusal: Extract<Refusal, { code: C }>, now: number) => Spoken;

function limitReached(source: string, detail: string): (refusal: LimitReached, now: number) => Spoken {
  return ({ limit, used, held, required, resetsAt, options = [] }, now) => ({
    detail,
    headers: options.includes('wait') ? retryAfter(resetsAt, now) : {},
    members: {
      limit_source: source,
      required: formatCredits(required),
      available: formatCredits(shortfall(limit, add(used, held))),
      limit: formatCredits(limit),
      used: formatCredits(used),
      held: formatCredits(held),
      resets_at: resetsAt === null ? null : instantToText(resetsAt),
      options,
    },
  });
}

const SHORT_OF: Readonly<Record<LimitSource, string>> = {
  job_budget: 'The job has used up its budget.',
  account_credits: 'The account has fewer credits than the next step may cost.',
  own_credits: 'There are fewer credits left for this bot than the next step may cost.',
};

const WITHOUT_EFFECT: Readonly<Record<ChangeWithoutEffect, string>> = {
  same_plan: 'This plan is in force already, and no change of it is pending.',
  nothing_pending: 'No change is pending that could be undone.',
  nothing_paid: 'There is no paid plan that could be ended.',
  same_cause: 'The loop has that cause already.',
};

const SPEAKERS: { readonly [C in FailureCode]: Speaker<C> } = {
  credits_exhausted: (refusal, now) => ({
    detail: SHORT_OF[refusal.limitSource],
    members: {
      limit_source: refusal.limitSource,
      required: formatCredits(refusal.required),
      available: formatCredits(refusal.available),
      resets_at: refusal.resetsAt === null ? null : instantToText(refusal.resetsAt),
      options: refusal.options,
    },
    headers: refusal.options.includes('wait') ? retryAfter(refusal.resetsAt, now) : {},
  }),
  idempotency_mismatch: () => ({
    detail: 'A job of this Idempotency-Key exists and was asked for with another body. Use a new key for a new job.',
  }),
  admission_expired: () => ({
    detail: 'The job was not admitted in time; nothing was held. Send the same request again, with the same key.',
  }),
  account_not_active: ({ status }) => ({
    detail: 'The account that pays for this bot is not active.',
    members: { account_status: status },
  }),
  bot_not_found: () => ({ detail: 'There is no such bot for this API key.' }),
  bot_archived: () => ({ detail: 'The bot is archived and takes no new jobs.' }),
  no_credits_for_bot: () => ({
    detail: 'This bot answers with credits that were bought for it, and there are none for this bot.',
    members: { limit_source: 'own_credits', options: ['buy'] },
  }),
  owner_work_only: ({ marker }) => ({
    detail: 'Training and tests are asked for by the owner, and by no campaign.',
    members: { marker },
  }),
  campaign_not_running: () => ({ detail: 'This bot has no campaign of that name that runs now.' }),
  bot_private: () => ({ detail: 'The owner has closed this bot to visitors. What you asked before is still there.' }),
  publication_incomplete: ({ question }) => ({
    detail: `The question ${question} was answered with no, and so the bot stays private.`,
    members: { question },
  }),
  model_not_priced: ({ model }) => ({
    detail: 'The present rate card has no price for this model.',
    members: { model },
  }),
  model_not_in_plan: ({ model, tiers, models, ...whose }) => ({
    detail: `${whoSays(whose)} does not allow the model ${model}.`,
    members: { asked: model, allowed_tiers: tiers, allowed_models: models, ...limitMembers(whose) },
  }),
  iterations_over_plan: ({ limit, asked, ...whose }) => ({
    detail: `${whoSays(whose)} allows at most ${limit} iterations, and ${asked} were asked for.`,
    members: { limit, asked, ...limitMembers(whose) },
  }),
  context_over_plan: ({ limit, asked, bytes, ...whose }) => ({
    detail:
      `${whoSays(whose)} allows at most ${limit} tokens of prompt and files together, and these are about ` +
      `${asked}. No model was asked.`,
    members: { limit, asked, context_bytes: bytes, ...limitMembers(whose) },
  }),
  artefact_not_in_plan: ({ asked, ...whose }) => ({
    detail: `${whoSays(whose)} does not allow files to be packed. Leave \`extras.zip\` out.`,
    members: { asked, ...limitMembers(whose) },
  }),
  deadline_passed: ({ asked }) => ({
    detail: 'The deadline was over when the request was decided.',
    members: { asked: instantToText(asked) },
  }),
  deadline_over_limit: ({ limit, asked, ...whose }) => ({
    detail: `${whoSays(whose)} does not allow a deadline so far ahead. \`limit\` is the latest it takes now.`,
    members: { limit: instantToText(limit), asked: instantToText(asked), ...limitMembers(whose) },
  }),
  budget_over_limit: ({ limit, asked, ...whose }) => ({
    detail: `${whoSays(whose)} allows at most ${formatCredits(limit)} credits for one job.`,
    members: { limit: formatCredits(limit), asked: formatCredits(asked), ...limitMembers(whose) },
  }),
  concurrency_limit: ({ limit, open, ...whose }) => ({
    detail: `${whoSays(whose)} allows ${limit} open jobs at one time. Try again when one has ended.`,
    members: { limit, open_jobs: open, ...limitMembers(whose) },
  }),
  budget_below_minimum: ({ minimum }) => ({
    detail: '`max_credits` is below the smallest charge of a job.',
    members: { minimum: formatCredits(minimum) },
  }),
  budget_too_small: ({ required, budget }) => ({
    detail: '`max_credits` does not cover what the first step may cost.',
    members: { required: formatCredits(required), budget: formatCredits(budget) },
  }),
  budget_below_spent: ({ budget, spent, held }) => ({
    detail: 'A budget cannot be below what the job has spent and set aside for the step in flight.',
    members: { budget: formatCredits(budget), spent: formatCredits(spent), held: formatCredits(held) },
  }),
  job_not_found: () => ({ detail: 'There is no such job for this API key.' }),
  job_ended: ({ state }) => ({ detail: 'The job has ended and does not change any more.', members: { state } }),
  operation_mismatch: ({ operationKey, field }) => ({
    detail: `This operation was posted before with another ${field}.`,
    members: { operation_key: operationKey, field },
  }),
  amount_out_of_range: ({ field }) => ({ detail: `The amount of ${field} is out of range.`, members: { field } }),
  lot_exists: ({ sourceRef }) => ({
    detail: 'Credits from this source were granted before.',
    members: { source_ref: sourceRef },
  }),
  hold_not_found: ({ holdId }) => ({ detail: 'There is no such hold.', members: { hold_id: holdId } }),
  hold_ended: ({ holdId }) => ({ detail: 'The hold has ended.', members: { hold_id: holdId } }),
  attempt_closed: ({ attempt }) => ({ detail: 'This attempt was closed by a later one.', members: { attempt } }),
  job_not_reported: () => ({
    detail: 'The steps of this job are run by us. Only a job that was submitted with `mode` reported takes steps.',
  }),
  step_open: ({ step }) => ({ detail: `Step ${step} is open. End it first.`, members: { step } }),
  step_not_open: ({ step }) => ({ detail: `Step ${step} is not open.`, members: { step } }),
  iterations_used_up: ({ limit, asked }) => ({
    detail: `The job has ${limit} iterations, and iteration ${asked} was asked for. Finish it with what there is.`,
    members: { limit, asked },
  }),
  lot_not_found: ({ lotId }) => ({ detail: 'There is no such lot.', members: { lot_id: lotId } }),
  lot_ended: ({ lotId }) => ({ detail: 'Nothing is added to a lot that has ended.', members: { lot_id: lotId } }),
  lot_taken_back: ({ lotId }) => ({ detail: 'This purchase was taken back before.', members: { lot_id: lotId } }),
  debt_outstanding: ({ debt }) => ({
    detail: 'Credits of a purchase that was taken back were spent. The next purchase pays them first.',
    members: { debt: formatCredits(debt) },
  }),
  plan_not_offered: ({ planId }) => ({
    detail: 'Choose a plan of the list of plans, for the same kind of subscription.',
    members: { plan_id: planId },
  }),
  preview_stale: ({ periodStart }) => ({
    detail: 'A new period has begun since the preview, and its figures no longer hold. Ask for a new preview.',
    members: { period_start: periodStart === null ? null : instantToText(periodStart) },
  }),
  change_without_effect: ({ why }) => ({ detail: WITHOUT_EFFECT[why], members: { why } }),
  quote_not_found: () => ({ detail: 'There is no such quote for this bot.' }),
  quote_expired: ({ expiredAt }) => ({
    detail: 'The quote is over. Ask for a new one: the prices may have changed.',
    members: { expired_at: instantToText(expiredAt) },
  }),
  quote_mismatch: ({ field }) => ({
    detail: `The quote was given for another ${field}. Send what was quoted, or ask for a new quote.`,
    members: { field },
  }),
  nothing_refundable: ({ refundable }) => ({
    detail: 'More was asked for than is left to refund.',
    members: { refundable: formatCredits(refundable) },
  }),
  grant_decided: ({ state }) => ({
    detail: 'The grant waits for nobody: it was decided before, or needed no second person.',
    members: { state },
  }),
  second_person_needed: () => ({
    detail: 'What is above the limit of one person is approved by an admin who did not ask for it.',
    members: { roles: GRANT_APPROVERS },
  }),
  review_in_state: ({ state }) => ({ detail: 'The review is at another point by now.', members: { state } }),
  review_reopened_before: () => ({
    detail: 'A review is opened again once. Report the thread anew if it cost too much again.',
  }),
  advice_needed: () => ({ detail: 'Say at least one thing that would make the next thread cost less.' }),
  role_changed: () => ({
    detail: 'Your role in this account changed while this was under way, and nothing else did. Look at GET /v1/me.',
  }),
  time_zone_invalid: ({ timeZone }) => ({
    detail: 'A time zone is named as in the IANA database, such as Europe/Berlin; offsets are none.',
    members: { time_zone: timeZone },
  }),
  free_usage_exhausted: limitReached('free_reserve', 'The free answers of this bot are used up for now.'),
  training_limit_reached: limitReached('training_limit', 'The training limit of this period is reached.'),
  campaign_limit_reached: limitReached('campaign', 'This campaign has given all it had to give.'),
  member_limit_reached: limitReached('member_limit', 'This member has reached the limit set for the period.'),
  key_limit_reached: limitReached('key_limit', 'This API key has reached the limit set for the period.'),
  spend_limit_reached: limitReached('spend_limit', 'The account has reached its own spend limit of the period.'),
  bot_limit_reached: limitReached('bot_limit', 'This bot has reached the limit set for the period.'),
  visitor_limit_reached: limitReached('visitor_limit', 'This visitor has reached the limit set for the period.'),
  ledger_busy: () => ({ detail: 'Too many postings are waiting; nothing was held. The same key is safe.' }),
};

interface Whose {
  readonly plan: string;
  readonly limitedBy: LimitedBy;
}

function whoSays({ plan, limitedBy }: Whose): string {
  return limitedBy === 'bot' ? 'The limit of this bot' : `The plan ${plan}`;
}

function limitMembers({ plan, limitedBy }: Whose): ProblemMembers {
  return { plan, limited_by: limitedBy };
}

export function refusalProblem(refusal: Refusal, now: number): ProblemError {
  const speak = SPEAKERS[refusal.code] as Speaker<FailureCode>;
  const { detail, ...rest } = speak(refusal, now);
  return new ProblemError(refusal.code, detail, rest);
}

function retryAfter(resetsAt: Instant | null, now: number): Readonly<Record<string, string>> {
  if (resetsAt === null) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil((resetsAt - now) / 1_000))) };
}
