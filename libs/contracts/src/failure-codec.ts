// Contracts room. How a refusal crosses Temporal: amounts as decimal strings of micro-credits, instants as numbers.
import type {
  CreditOption,
  FailureCode,
  LimitCode,
  LimitedBy,
  LimitReached,
  LimitSource,
  PublicationQuestion,
  Refusal,
} from '@fairmeter/domain';
import { formatMicroCredits, instant, LIMITED_BY, parseMicroCredits } from '@fairmeter/domain';

/** JSON-safe twin of a refusal; its keys are those of the refusal, amounts end in `MicroCredits`. */
export interface WireRefusal {
  readonly code: FailureCode;
  readonly details: Readonly<Record<string, string | number | null | readonly string[]>>;
}

type DetailsOf<C extends FailureCode> = Extract<Refusal, { code: C }>;
type Codec<C extends FailureCode> = {
  readonly pack: (refusal: DetailsOf<C>) => WireRefusal['details'];
  readonly unpack: (details: WireRefusal['details']) => DetailsOf<C>;
};

const text = (value: unknown): string => String(value);
const count = (value: unknown): number => Number(value);
const amount = (value: unknown) => parseMicroCredits(text(value));
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);
/** A refusal that was stored before bots had limits was the plan's. */
const whose = (d: WireRefusal['details']): { readonly plan: string; readonly limitedBy: LimitedBy } => ({
  plan: text(d['plan']),
  limitedBy: LIMITED_BY.find((by) => by === d['limitedBy']) ?? 'plan',
});
const moment = (value: unknown) => (value === null || value === undefined ? null : instant(count(value)));
const bare = <C extends FailureCode>(code: C): Codec<C> => ({
  pack: () => ({}),
  unpack: () => ({ code }) as DetailsOf<C>,
});
/** Of refusals with one text and nothing else. */
const named = <C extends FailureCode>(code: C, field: keyof DetailsOf<C> & string): Codec<C> => ({
  pack: (refusal) => ({ [field]: text(refusal[field]) }),
  unpack: (d) => ({ code, [field]: text(d[field]) }) as unknown as DetailsOf<C>,
});

const limitReached = <C extends LimitCode>(code: C): Codec<C> => ({
  pack: (refusal) => {
    const { limit, used, held, required, resetsAt } = refusal as LimitReached;
    return {
      limitMicroCredits: formatMicroCredits(limit),
      usedMicroCredits: formatMicroCredits(used),
      heldMicroCredits: formatMicroCredits(held),
      requiredMicroCredits: formatMicroCredits(required),
      resetsAt,
    };
  },
  unpack: (d) =>
    ({
      code,
      limit: amount(d['limitMicroCredits']),
      used: amount(d['usedMicroCredits']),
      held: amount(d['heldMicroCredits']),
      // Refusals of before they said so: nothing was named, so nothing is awaited.
      required: amount(d['requiredMicroCredits'] ?? '0'),
      resetsAt: moment(d['resetsAt']),
    }) as DetailsOf<C>,
});

/** Total: a new code compiles only when it has said how it crosses. */
const CODECS: { readonly [C in FailureCode]: Codec<C> } = {
  credits_exhausted: {
    pack: (r) => ({
      limitSource: r.limitSource,
      requiredMicroCredits: formatMicroCredits(r.required),
      availableMicroCredits: formatMicroCredits(r.available),
      resetsAt: r.resetsAt,
      options: r.options,
    }),
    unpack: (d) => ({
      code: 'credits_exhausted',
      limitSource: text(d['limitSource']) as LimitSource,
      required: amount(d['requiredMicroCredits']),
      available: amount(d['availableMicroCredits']),
      resetsAt: moment(d['resetsAt']),
      options: (d['options'] ?? []) as readonly CreditOption[],
    }),
  },
  idempotency_mismatch: bare('idempotency_mismatch'),
  admission_expired: bare('admission_expired'),
  account_not_active: {
    pack: (r) => ({ status: r.status }),
    unpack: (d) => ({ code: 'account_not_active', status: text(d['status']) }),
  },
  bot_not_found: bare('bot_not_found'),
  bot_archived: bare('bot_archived'),
  bot_private: bare('bot_private'),
  no_credits_for_bot: bare('no_credits_for_bot'),
  owner_work_only: {
    pack: ({ marker }) => ({ marker }),
    unpack: (d) => ({ code: 'owner_work_only', marker: text(d['marker']) }),
  },
  campaign_not_running: bare('campaign_not_running'),
  publication_incomplete: {
    pack: ({ question }) => ({ question }),
    unpack: (d) => ({ code: 'publication_incomplete', question: text(d['question']) as PublicationQuestion }),
  },
  model_not_priced: named('model_not_priced', 'model'),
  model_not_in_plan: {
    pack: ({ model, plan, limitedBy, tiers, models }) => ({ model, plan, limitedBy, tiers, models }),
    unpack: (d) => ({
      code: 'model_not_in_plan',
      model: text(d['model']),
      tiers: texts(d['tiers']),
      models: texts(d['models']),
      ...whose(d),
    }),
  },
  iterations_over_plan: {
    pack: ({ limit, asked, plan, limitedBy }) => ({ limit, asked, plan, limitedBy }),
    unpack: (d) => ({
      code: 'iterations_over_plan',
      limit: count(d['limit']),
      asked: count(d['asked']),
      ...whose(d),
    }),
  },
  context_over_plan: {
    pack: ({ limit, asked, bytes, plan, limitedBy }) => ({ limit, asked, bytes, plan, limitedBy }),
    unpack: (d) => ({
      code: 'context_over_plan',
      limit: count(d['limit']),
      asked: count(d['asked']),
      bytes: count(d['bytes']),
      ...whose(d),
    }),
  },
  artefact_not_in_plan: {
    pack: ({ plan, limitedBy }) => ({ plan, limitedBy }),
    unpack: (d) => ({ code: 'artefact_not_in_plan', asked: 'zip', ...whose(d) }),
  },
  deadline_passed: {
    pack: ({ asked }) => ({ asked }),
    unpack: (d) => ({ code: 'deadline_passed', asked: instant(count(d['asked'])) }),
  },
  deadline_over_limit: {
    pack: ({ limit, asked, plan, limitedBy }) => ({ limit, asked, plan, limitedBy }),
    unpack: (d) => ({
      code: 'deadline_over_limit',
      limit: instant(count(d['limit'])),
      asked: instant(count(d['asked'])),
      ...whose(d),
    }),
  },
  budget_over_limit: {
    pack: ({ limit, asked, plan, limitedBy }) => ({
      limitMicroCredits: formatMicroCredits(limit),
      askedMicroCredits: formatMicroCredits(asked),
      plan,
      limitedBy,
    }),
    unpack: (d) => ({
      code: 'budget_over_limit',
      limit: amount(d['limitMicroCredits']),
      asked: amount(d['askedMicroCredits']),
      ...whose(d),
    }),
  },
  concurrency_limit: {
    pack: ({ limit, open, plan, limitedBy }) => ({ limit, open, plan, limitedBy }),
    unpack: (d) => ({
      code: 'concurrency_limit',
      limit: count(d['limit']),
      open: count(d['open']),
      ...whose(d),
    }),
  },
  budget_below_minimum: {
    pack: (r) => ({ minimumMicroCredits: formatMicroCredits(r.minimum) }),
    unpack: (d) => ({ code: 'budget_below_minimum', minimum: amount(d['minimumMicroCredits']) }),
  },
  budget_too_small: {
    pack: (r) => ({
      requiredMicroCredits: formatMicroCredits(r.required),
      budgetMicroCredits: formatMicroCredits(r.budget),
    }),
    unpack: (d) => ({
      code: 'budget_too_small',
      required: amount(d['requiredMicroCredits']),
      budget: amount(d['budgetMicroCredits']),
    }),
  },
  budget_below_spent: {
    pack: (r) => ({
      budgetMicroCredits: formatMicroCredits(r.budget),
      spentMicroCredits: formatMicroCredits(r.spent),
      heldMicroCredits: formatMicroCredits(r.held),
    }),
    unpack: (d) => ({
      code: 'budget_below_spent',
      budget: amount(d['budgetMicroCredits']),
      spent: amount(d['spentMicroCredits']),
      held: amount(d['heldMicroCredits']),
    }),
  },
  job_not_found: bare('job_not_found'),
  job_ended: named('job_ended', 'state'),
  operation_mismatch: {
    pack: (r) => ({ operationKey: r.operationKey, field: r.field }),
    unpack: (d) => ({
      code: 'operation_mismatch',
      operationKey: text(d['operationKey']),
      field: text(d['field']),
    }),
  },
  amount_out_of_range: {
    pack: (r) => ({ field: r.field }),
    unpack: (d) => ({ code: 'amount_out_of_range', field: text(d['field']) }),
  },
  lot_exists: {
    pack: (r) => ({ sourceRef: r.sourceRef }),
    unpack: (d) => ({ code: 'lot_exists', sourceRef: text(d['sourceRef']) }),
  },
  hold_not_found: {
    pack: (r) => ({ holdId: r.holdId }),
    unpack: (d) => ({ code: 'hold_not_found', holdId: text(d['holdId']) }),
  },
  hold_ended: {
    pack: (r) => ({ holdId: r.holdId }),
    unpack: (d) => ({ code: 'hold_ended', holdId: text(d['holdId']) }),
  },
  job_not_reported: bare('job_not_reported'),
  step_open: {
    pack: (r) => ({ step: r.step }),
    unpack: (d) => ({ code: 'step_open', step: count(d['step']) }),
  },
  step_not_open: {
    pack: (r) => ({ step: r.step }),
    unpack: (d) => ({ code: 'step_not_open', step: count(d['step']) }),
  },
  iterations_used_up: {
    pack: (r) => ({ limit: r.limit, asked: r.asked }),
    unpack: (d) => ({ code: 'iterations_used_up', limit: count(d['limit']), asked: count(d['asked']) }),
  },
  attempt_closed: {
    pack: (r) => ({ attempt: r.attempt }),
    unpack: (d) => ({ code: 'attempt_closed', attempt: count(d['attempt']) }),
  },
  ledger_busy: bare('ledger_busy'),
  lot_not_found: named('lot_not_found', 'lotId'),
  lot_taken_back: named('lot_taken_back', 'lotId'),
  lot_ended: named('lot_ended', 'lotId'),
  debt_outstanding: {
    pack: (r) => ({ debtMicroCredits: formatMicroCredits(r.debt) }),
    unpack: (d) => ({ code: 'debt_outstanding', debt: amount(d['debtMicroCredits']) }),
  },
  time_zone_invalid: named('time_zone_invalid', 'timeZone'),
  plan_not_offered: named('plan_not_offered', 'planId'),
  preview_stale: {
    pack: ({ periodStart }) => ({ periodStart }),
    unpack: (d) => ({ code: 'preview_stale', periodStart: moment(d['periodStart']) }),
  },
  change_without_effect: named('change_without_effect', 'why'),
  quote_not_found: bare('quote_not_found'),
  quote_expired: {
    pack: (r) => ({ expiredAt: r.expiredAt }),
    unpack: (d) => ({ code: 'quote_expired', expiredAt: instant(count(d['expiredAt'])) }),
  },
  quote_mismatch: named('quote_mismatch', 'field'),
  nothing_refundable: {
    pack: (r) => ({ refundableMicroCredits: formatMicroCredits(r.refundable) }),
    unpack: (d) => ({ code: 'nothing_refundable', refundable: amount(d['refundableMicroCredits']) }),
  },
  grant_decided: named('grant_decided', 'state'),
  second_person_needed: bare('second_person_needed'),
  review_in_state: named('review_in_state', 'state'),
  review_reopened_before: bare('review_reopened_before'),
  advice_needed: bare('advice_needed'),
  role_changed: bare('role_changed'),
  free_usage_exhausted: limitReached('free_usage_exhausted'),
  training_limit_reached: limitReached('training_limit_reached'),
  campaign_limit_reached: limitReached('campaign_limit_reached'),
  member_limit_reached: limitReached('member_limit_reached'),
  key_limit_reached: limitReached('key_limit_reached'),
  spend_limit_reached: limitReached('spend_limit_reached'),
  bot_limit_reached: limitReached('bot_limit_reached'),
  visitor_limit_reached: limitReached('visitor_limit_reached'),
};

export function packRefusal(refusal: Refusal): WireRefusal {
  const codec = CODECS[refusal.code] as Codec<FailureCode>;
  return { code: refusal.code, details: codec.pack(refusal) };
}

export function unpackRefusal(wire: WireRefusal): Refusal {
  return CODECS[wire.code].unpack(wire.details);
}
