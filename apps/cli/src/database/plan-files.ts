// Command line. Reads the reviewed plans of `plans/` into domain types; a figure that is not one, a field nobody knows,
// or plans that do not fit each other stop the seed, and the message says where.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoopPolicy, MicroCredits, PeriodRule, PlanVersion } from '@fairmeter/domain';
import {
  instant,
  MODEL_TIERS,
  parseCredits,
  periodOfText,
  PLAN_FEATURES,
  PLAN_SCOPES,
  wrongWithPlans,
} from '@fairmeter/domain';
import { z } from 'zod';

/** Once is never a loop. */
const FEWEST = 2;
const MS_PER_MINUTE = 60_000;

const count = z.int().min(1);
const threshold = z.int().min(FEWEST).optional();
const credits = z.string().transform((text, context): MicroCredits => {
  const amount = parseCredits(text);
  if (amount !== undefined) return amount;
  context.addIssue({ code: 'custom', message: 'is no amount of credits' });
  return z.NEVER;
});
const period = z.string().transform((text, context): PeriodRule => {
  const rule = periodOfText(text);
  if (rule !== undefined) return rule;
  context.addIssue({ code: 'custom', message: 'is none of P1M, P1Y, P30D and the like' });
  return z.NEVER;
});

const loopsOfFile = z.strictObject({
  equal_calls: threshold,
  equal_errors: threshold,
  alternation_rounds: threshold,
  red_builds: threshold,
  idle_iterations: threshold,
  pollable_calls: threshold,
  pollable_tools: z.array(z.string()).optional(),
  shadow: z.boolean().optional(),
});

const limitsOfFile = z.strictObject({
  max_iterations: count,
  max_concurrent_jobs: count,
  max_context_tokens: count,
  max_credits: credits,
  max_deadline_minutes: count,
  models: z.strictObject({ tiers: z.array(z.enum(MODEL_TIERS)), names: z.array(z.string()) }),
  artefacts: z.union([
    z.strictObject({ allowed: z.literal(false), max_files: z.literal(0), max_bytes: z.literal(0) }),
    z.strictObject({ allowed: z.literal(true), max_files: count, max_bytes: count }),
  ]),
  /** Only what the plan changes of the loop rules. */
  loops: loopsOfFile.optional(),
});

const planFile = z.strictObject({
  id: z.string().regex(/^plan_[a-z0-9_]{1,60}$/),
  version: count,
  name: z.string().min(1),
  effective_from: z.iso.datetime(),
  scope: z.enum(PLAN_SCOPES),
  tier: z.int().min(0),
  custom: z.boolean(),
  period_allowance: credits,
  daily_allowance: credits,
  credit_period: period,
  billing_period: period.nullable(),
  price: z
    .strictObject({ amount_minor: z.string().regex(/^[1-9]\d{0,11}$/), iso_4217: z.string().regex(/^[a-z]{3}$/) })
    .nullable(),
  team_seats: count,
  features: z.array(z.enum(PLAN_FEATURES)),
  limits: limitsOfFile,
  /** Why these figures: for whoever reviews the file. */
  source: z.string().min(1),
});

export function readPlans(folder: string): PlanVersion[] {
  const plans = readdirSync(folder)
    .filter((name) => /^plan\..+\.json$/.test(name))
    .sort()
    .map((name) => planFrom(JSON.parse(readFileSync(join(folder, name), 'utf8')), name));
  const wrong = wrongWithPlans(plans);
  if (wrong !== null) throw new Error(`the plans do not fit each other: ${wrong}`);
  return plans;
}

function planFrom(content: unknown, name: string): PlanVersion {
  const read = planFile.safeParse(content);
  if (!read.success) {
    const wrong = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new Error(`${name} is not what a plan can say: ${wrong}`);
  }
  const { id, effective_from: effectiveFrom, price, source: _, ...file } = read.data;
  return {
    planId: id,
    version: file.version,
    name: file.name,
    effectiveFrom: instant(Date.parse(effectiveFrom)),
    scope: file.scope,
    tier: file.tier,
    custom: file.custom,
    periodAllowance: file.period_allowance,
    dailyAllowance: file.daily_allowance,
    creditPeriod: file.credit_period,
    billingPeriod: file.billing_period,
    price: price === null ? null : { minor: BigInt(price.amount_minor), currency: price.iso_4217 },
    teamSeats: file.team_seats,
    features: file.features,
    limits: limitsFrom(file.limits),
  };
}

function limitsFrom(file: z.output<typeof limitsOfFile>): PlanVersion['limits'] {
  const { models, artefacts, loops } = file;
  return {
    maxIterations: file.max_iterations,
    maxConcurrentJobs: file.max_concurrent_jobs,
    maxContextTokens: file.max_context_tokens,
    maxCredits: file.max_credits,
    maxDeadlineMs: file.max_deadline_minutes * MS_PER_MINUTE,
    models,
    artefacts: { allowed: artefacts.allowed, maxFiles: artefacts.max_files, maxBytes: artefacts.max_bytes },
    ...(loops === undefined ? {} : { loops: loopsFrom(loops) }),
  };
}

const NAMES = {
  equal_calls: 'equalCalls',
  equal_errors: 'equalErrors',
  alternation_rounds: 'alternationRounds',
  red_builds: 'redBuilds',
  idle_iterations: 'idleIterations',
  pollable_calls: 'pollableCalls',
  pollable_tools: 'pollableTools',
  shadow: 'shadow',
} as const satisfies Record<keyof z.output<typeof loopsOfFile>, keyof LoopPolicy>;

function loopsFrom(loops: z.output<typeof loopsOfFile>): Partial<LoopPolicy> {
  const named = Object.entries(NAMES).map(([key, name]) => [name, loops[key as keyof typeof NAMES]] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}
