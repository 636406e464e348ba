// Test harness. Orders to the ledger and the prices and bots they name, with defaults for whatever a test does not
// care about. Domain words only, so that pure suites use it without any server.
import type {
  AdmissionWish,
  AdmitOrder,
  BeginStepOrder,
  BotTerms,
  BudgetOrder,
  EndCancelledOrder,
  EndStepOrder,
  FailAttemptOrder,
  GrantOrder,
  Instant,
  Meters,
  MicroCredits,
  MicroDollars,
  ModelPrice,
  Plan,
  PlanTerms,
  PlanVersion,
  RateCard,
  StepPrice,
  UnitPrice,
  WaitOrder,
} from '@fairmeter/domain';
import { ALL_EXTRAS, instant, MONTHLY, NO_BOT_LIMITS, NO_GUIDE, NO_REPORT, NO_USE, ZERO } from '@fairmeter/domain';
import { parseCredits, parseDollars } from '@fairmeter/domain';

/** Ahead of every clock: nothing takes effect sooner than the machine says. */
export const T0: Instant = instant(Date.UTC(2039, 0, 1));
export const HOUR = 3_600_000;

export const after = (start: Instant, milliseconds: number): Instant => instant(start + milliseconds);

export function creditsOf(text: string): MicroCredits {
  const parsed = parseCredits(text);
  if (parsed === undefined) throw new Error(`not an amount of credits: ${text}`);
  return parsed;
}

export function dollarsOf(text: string): MicroDollars {
  const parsed = parseDollars(text);
  if (parsed === undefined) throw new Error(`not an amount of dollars: ${text}`);
  return parsed;
}

/** 300 credits a million input and 1,500 a million output tokens: 1,000 in and 200 out come to 0.6 credits. */
export function priceFor(wish: Partial<ModelPrice> = {}): ModelPrice {
  return {
    model: 'coder',
    provider: 'scripted',
    providerModel: 'coder-1',
    tier: 'standard',
    family: 'scripted',
    contextTokens: 200_000,
    maxOutputTokens: 8_192,
    rates: {
      input: creditsOf('300'),
      cachedInput: creditsOf('30'),
      cacheWrite: creditsOf('375'),
      output: creditsOf('1500'),
      reasoning: creditsOf('1500'),
    },
    realCost: {
      input: dollarsOf('3'),
      cachedInput: dollarsOf('0.3'),
      cacheWrite: dollarsOf('3.75'),
      output: dollarsOf('15'),
      reasoning: dollarsOf('15'),
    },
    ...wish,
  };
}

/** A call of 0.01 credits, 0.002 more a second and 0.1 a million bytes, at most 10 seconds and 2 million bytes. */
export function unitPriceFor(wish: Partial<UnitPrice> = {}): UnitPrice {
  return {
    item: 'tool.check',
    kind: 'tool',
    rates: { perCall: creditsOf('0.01'), perSecond: creditsOf('0.002'), perMillionBytes: creditsOf('0.1') },
    realCost: { perCall: dollarsOf('0'), perSecond: dollarsOf('0.00001'), perMillionBytes: dollarsOf('0.0001') },
    most: { seconds: 10, bytes: 2_000_000 },
    ...wish,
  };
}

export const byTokens = (price: ModelPrice): StepPrice => ({ pricedBy: 'tokens', price });

export function cardWith(...models: readonly ModelPrice[]): RateCard {
  return {
    id: 'card_test',
    announcedAt: instant(0),
    effectiveFrom: instant(0),
    minimumCharge: creditsOf('0.1'),
    models: models.length === 0 ? [priceFor()] : models,
    units: [],
  };
}

/** Wide enough to stop nothing that a test does not ask for. */
export function planFor(wish: Partial<Plan> = {}): Plan {
  return {
    id: 'plan_premium',
    name: 'premium',
    maxIterations: 100,
    maxConcurrentJobs: 1_000_000,
    maxContextTokens: 10_000_000,
    maxCredits: creditsOf('1000000'),
    maxDeadlineMs: 24 * HOUR,
    models: { tiers: ['standard', 'premium'], names: [] },
    artefacts: { allowed: true, maxFiles: 2_000, maxBytes: 16_777_216 },
    ...wish,
  };
}

/** The same as it is published: by agreement, with no credits of its own. */
export function planVersionFor(wish: Partial<Plan> = {}, terms: Partial<PlanTerms> = {}): PlanVersion {
  const { id: planId, name, ...limits } = planFor(wish);
  return {
    planId,
    version: 1,
    name,
    effectiveFrom: instant(0),
    scope: 'account',
    tier: 0,
    custom: true,
    periodAllowance: ZERO,
    dailyAllowance: ZERO,
    creditPeriod: MONTHLY,
    billingPeriod: null,
    price: null,
    teamSeats: 1,
    features: [],
    ...terms,
    limits,
  };
}

export function botTerms(wish: Partial<BotTerms> = {}): BotTerms {
  return {
    botId: 'bot_1',
    accountId: 'acc_1',
    accountStatus: 'active',
    type: 'coding',
    program: wish.type === 'chat' ? 'answer' : 'review',
    archived: false,
    visibility: 'private',
    guide: NO_GUIDE,
    defaultModel: 'coder',
    defaultMaxIterations: 5,
    defaultMaxCredits: creditsOf('20'),
    extras: ALL_EXTRAS,
    funding: { salesMode: 'platform_sells', fundingMode: 'owner_pool', publicMayUseBonus: false },
    plan: planFor(),
    limits: NO_BOT_LIMITS,
    rateCard: cardWith(),
    ...wish,
  };
}

export function wishFor(wish: Partial<AdmissionWish> = {}): AdmissionWish {
  return {
    model: null,
    maxIterations: null,
    maxCredits: null,
    promptBytes: 100,
    contextBytes: 0,
    contextTokens: 25,
    deadline: null,
    extras: {},
    reserve: 'rolling',
    ...wish,
  };
}

export function grantOrder(wish: Partial<GrantOrder> & { readonly lotId: string }): GrantOrder {
  return {
    kind: 'subscription',
    amount: creditsOf('100'),
    validFrom: instant(0),
    expiresAt: null,
    sourceRef: wish.lotId,
    ...wish,
  };
}

export function admitOrder(jobId: string, wish: Partial<AdmitOrder> = {}): AdmitOrder {
  return {
    jobId,
    holdId: `hld_${jobId}`,
    keyHash: `key-of-${jobId}`,
    bodyHash: 'body',
    workflowId: `job/key-of-${jobId}`,
    runId: `run-of-${jobId}`,
    traceParent: '',
    requestKind: 'generate',
    promptRef: `txt_${jobId}`,
    contextRef: null,
    threadId: null,
    wish: wishFor(),
    bot: botTerms(),
    admitBefore: instant(Number.MAX_SAFE_INTEGER),
    ...wish,
  };
}

export function beginOrder(ordinal: number, wish: Partial<BeginStepOrder> = {}): BeginStepOrder {
  return {
    ordinal,
    iteration: 1,
    stage: 'plan',
    kind: 'model_call',
    price: byTokens(priceFor()),
    inputBytes: 400,
    inputMessages: 1,
    minimumCharge: creditsOf('0.1'),
    ...wish,
  };
}

export const use = (meters: Partial<Meters>): Meters => ({ ...NO_USE, ...meters });

/** What comes to 0.6 credits at `priceFor()`. */
export const USE_OF_0_6: Meters = use({ input: 1_000, output: 200, calls: 1 });

export function endOrder(ordinal: number, attempt: number, wish: Partial<EndStepOrder> = {}): EndStepOrder {
  return {
    ordinal,
    attempt,
    price: byTokens(priceFor()),
    meters: USE_OF_0_6,
    unmetered: false,
    chargeClass: 'billable',
    fault: null,
    verdict: 'go_on',
    report: NO_REPORT,
    resultRef: `txt_${ordinal}_${attempt}`,
    resultBytes: 10,
    providerRequestId: 'req-1',
    region: null,
    latencyMs: 7,
    ...wish,
  };
}

export function failOrder(ordinal: number, attempt: number, wish: Partial<FailAttemptOrder> = {}): FailAttemptOrder {
  return {
    ordinal,
    attempt,
    price: byTokens(priceFor()),
    fault: 'unavailable',
    meters: use({ input: 10, calls: 1 }),
    providerRequestId: null,
    latencyMs: 3,
    ...wish,
  };
}

export function waitOrder(ordinal: number, wish: Partial<WaitOrder> = {}): WaitOrder {
  return {
    ordinal,
    code: 'credits_exhausted',
    required: creditsOf('5'),
    minimumCharge: creditsOf('0.1'),
    waitMs: 24 * HOUR,
    ...wish,
  };
}

export function stopOrder(ordinal: number, attempt: number, wish: Partial<EndCancelledOrder> = {}): EndCancelledOrder {
  return {
    ordinal,
    attempt,
    price: byTokens(priceFor()),
    meters: use({ input: 100, output: 200, calls: 1 }),
    unmetered: true,
    resultRef: null,
    resultBytes: 0,
    providerRequestId: null,
    region: null,
    latencyMs: 5,
    ...wish,
  };
}

export function budgetOrder(maxCredits: MicroCredits): BudgetOrder {
  return {
    maxCredits,
    plan: { name: 'premium', maxCredits: creditsOf('500') },
    limits: { maxCredits: creditsOf('20') },
  };
}
