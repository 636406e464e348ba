// API room. Requests for custom plans as their owner sends and sees them, and what the staff offer to them.
import type { CustomPlanFigures, PeriodRule } from '@fairmeter/domain';
import {
  ANNUAL,
  CUSTOM_PLAN_STATES,
  customPlanOf,
  formatCredits,
  instantToText,
  MODEL_TIERS,
  MONTHLY,
  PLAN_FEATURES,
  STAFF_ROLES,
  ZERO,
} from '@fairmeter/domain';
import type { CustomPlanRequest } from '@fairmeter/records';
import { z } from 'zod';
import { planBody, toPlanBody } from '../catalogue/plans-body.js';
import { credits, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { coinPrice, priceField, toCoinPrice } from '../purchases/purchase-body.js';
import { pageShape } from '../requests/page.js';
import { freeText, nameText } from '../requests/texts.js';

const MAX_WORDS = 2_000;
const MAX_PEOPLE = 100_000;
const MAX_COUNT = 1_000_000_000;
const MAX_DEADLINE_MINUTES = 43_200;
const MAX_MODEL_CHARACTERS = 200;
const MAX_MODELS = 100;
const MS_PER_MINUTE = 60_000;

const someCredits = creditAmount.refine((amount) => amount > 0n, 'must be above 0');
const count = z.int().min(1).max(MAX_COUNT);
const people = z.int().min(1).max(MAX_PEOPLE);

export const askCustomPlanBody = z.strictObject({
  monthly_credits: someCredits.describe('What is usually used in a month.'),
  team_size: people.nullable().default(null).describe('People who would draw on it, if there is a team.'),
  model_needs: freeText(MAX_WORDS).describe('Which models, and for what, in words of your own.'),
  budget: priceField.describe('What a month may cost.'),
});
export type AskCustomPlan = z.output<typeof askCustomPlanBody>;

const reason = freeText(MAX_WORDS).describe('Why. The owner reads it.');
const PERIODS = { P1M: MONTHLY, P1Y: ANNUAL } as const satisfies Record<string, PeriodRule>;
const period = z.enum(['P1M', 'P1Y']);

const offeredLimits = z.strictObject({
  max_iterations: count,
  max_concurrent_jobs: count,
  max_context_tokens: count,
  max_credits: someCredits,
  max_deadline_minutes: z.int().min(1).max(MAX_DEADLINE_MINUTES),
  models: z
    .strictObject({
      tiers: z.array(z.enum(MODEL_TIERS)).max(MODEL_TIERS.length),
      names: z.array(nameText(MAX_MODEL_CHARACTERS)).max(MAX_MODELS).default([]),
    })
    .refine(({ tiers, names }) => tiers.length + names.length > 0, 'must name a tier or a model'),
  artefacts: z
    .strictObject({
      allowed: z.boolean(),
      max_files: z.int().min(0).max(MAX_COUNT),
      max_bytes: z.int().min(0).max(MAX_COUNT),
    })
    .refine((given) => !given.allowed || (given.max_files > 0 && given.max_bytes > 0), 'must have room where allowed'),
});

export const offerCustomPlanBody = z.strictObject({
  reason,
  credits: z.strictObject({
    per_period: someCredits,
    period: period.describe('How often they come: each month, or a year at once.'),
    per_day: creditAmount.optional().describe('Besides, each local day. None where it is left out.'),
  }),
  billing: z.strictObject({
    period: period.describe('How often it is paid. A year that is paid at once may bring credits by the month.'),
    price: priceField.nullable().describe('Null where it is paid outside of this platform.'),
  }),
  team_seats: people.describe('Who may draw on it, the owner among them.'),
  features: z.array(z.enum(PLAN_FEATURES)).max(PLAN_FEATURES.length).default(['by_agreement']),
  limits: offeredLimits.describe('Of one job.'),
});
export type OfferCustomPlan = z.output<typeof offerCustomPlanBody>;

export const approveCustomPlanBody = z.strictObject({
  offer_id: nameText(MAX_MODEL_CHARACTERS).describe(
    'The offer that was looked at: of a later one nothing is approved.',
  ),
  reason,
});

export const declineCustomPlanBody = z.strictObject({ reason });

export const staffCustomPlansQuery = z.strictObject({
  ...pageShape,
  state: z.enum(CUSTOM_PLAN_STATES).optional().describe('Only requests in this state.'),
});

const requestShape = {
  id: z.string(),
  monthly_credits: credits,
  team_size: z.int().nullable(),
  model_needs: z.string().nullable().describe('Null where the words were erased.'),
  budget: coinPrice.describe('Of a month.'),
  state: z.enum(CUSTOM_PLAN_STATES).describe('`offered`: figures are there and wait for a second person of the staff.'),
  plan_id: z.string().nullable().describe('What was agreed, once it is published: of `GET /v1/plans`.'),
  decision: z.string().nullable().describe('Why it was published or declined.'),
  decided_at: instantText.nullable(),
  created_at: instantText,
};

export const customPlanRequestBody = z.object(requestShape);
export type CustomPlanRequestBody = z.output<typeof customPlanRequestBody>;

export const customPlanRequestsBody = z.object({
  data: z.array(customPlanRequestBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type CustomPlanRequestsBody = z.output<typeof customPlanRequestsBody>;

export const staffCustomPlanBody = z.object({
  ...requestShape,
  account_id: z.string(),
  asked_by: z.string(),
  offer: z
    .object({ id: z.string(), plan: planBody, offered_by: z.object({ id: z.string(), role: z.enum(STAFF_ROLES) }) })
    .nullable()
    .describe('The latest.'),
  decided_by: z.string().nullable(),
});
export type StaffCustomPlanBody = z.output<typeof staffCustomPlanBody>;

export const staffCustomPlansBody = z.object({
  data: z.array(staffCustomPlanBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type StaffCustomPlansBody = z.output<typeof staffCustomPlansBody>;

export function figuresOf({
  credits: given,
  billing,
  team_seats: teamSeats,
  ...rest
}: OfferCustomPlan): CustomPlanFigures {
  const { max_deadline_minutes: minutes, models, artefacts, ...limits } = rest.limits;
  return {
    periodAllowance: given.per_period,
    dailyAllowance: given.per_day ?? ZERO,
    creditPeriod: PERIODS[given.period],
    billingPeriod: PERIODS[billing.period],
    price: billing.price,
    teamSeats,
    features: rest.features,
    limits: {
      maxIterations: limits.max_iterations,
      maxConcurrentJobs: limits.max_concurrent_jobs,
      maxContextTokens: limits.max_context_tokens,
      maxCredits: limits.max_credits,
      maxDeadlineMs: minutes * MS_PER_MINUTE,
      models,
      artefacts: { allowed: artefacts.allowed, maxFiles: artefacts.max_files, maxBytes: artefacts.max_bytes },
    },
  };
}

export function toCustomPlanRequestBody(request: CustomPlanRequest): CustomPlanRequestBody {
  const { state, offer, decidedAt } = request;
  return {
    id: request.id,
    monthly_credits: formatCredits(request.monthlyCredits),
    team_size: request.teamSize,
    model_needs: request.modelNeeds,
    budget: toCoinPrice(request.budget),
    state,
    plan_id: state === 'published' && offer !== null ? customPlanOf(request, offer.figures).planId : null,
    decision: request.decision,
    decided_at: decidedAt === null ? null : instantToText(decidedAt),
    created_at: instantToText(request.createdAt),
  };
}

export function toStaffCustomPlanBody(request: CustomPlanRequest): StaffCustomPlanBody {
  const { accountId, askedBy, offer, decidedBy } = request;
  return {
    ...toCustomPlanRequestBody(request),
    account_id: accountId,
    asked_by: askedBy,
    offer:
      offer === null
        ? null
        : { id: offer.id, plan: toPlanBody(customPlanOf(request, offer.figures)), offered_by: offer.offeredBy },
    decided_by: decidedBy,
  };
}
