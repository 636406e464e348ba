// HTTP suites. Jobs posted straight to the ledger and read over HTTP: a card of their own prices tools besides models,
// and what a workflow would take minutes for is there at once.
import type { BotTerms, LoopCause, RateCard, StepPrice, UnitPrice } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { publishRateCard, readBotForAdmission } from '@fairmeter/records';
import { BotClient } from '../harness/bot-client.js';
import { byTokens, creditsOf, dollarsOf, priceFor, unitPriceFor, use } from '../harness/orders.js';
import { openAccountKey, openBot, type BotWish, type TestBot } from '../harness/people.js';
import type { Played, PlayedJob, PlayedStep } from '../harness/played-jobs.js';
import { playJob } from '../harness/played-jobs.js';
import type { TestStack } from '../harness/test-stack.js';

/** 300 credits a million input and 1,500 a million output tokens. */
export const CODER = priceFor({ model: 'card-coder', family: 'coders' });
/** A third of it, and of another tier. */
export const SMALL = priceFor({
  model: 'card-small',
  family: 'smalls',
  tier: 'premium',
  rates: {
    input: creditsOf('100'),
    cachedInput: creditsOf('10'),
    cacheWrite: creditsOf('125'),
    output: creditsOf('500'),
    reasoning: creditsOf('500'),
  },
});
export const CHECK = unitPriceFor();
export const SERVICE = unitPriceFor({ item: 'service.search', kind: 'service' });
const PACKAGING = unitPriceFor({
  item: 'packaging',
  kind: 'packaging',
  rates: { perCall: creditsOf('0'), perSecond: creditsOf('0'), perMillionBytes: creditsOf('0') },
  realCost: { perCall: dollarsOf('0'), perSecond: dollarsOf('0.001'), perMillionBytes: dollarsOf('0') },
});

const CARD: RateCard = {
  id: 'card_of_posted_jobs',
  // Long before any other, so that no job of the usual way is priced by it.
  announcedAt: instant(1),
  effectiveFrom: instant(1),
  minimumCharge: creditsOf('0.1'),
  models: [CODER, SMALL],
  units: [CHECK, SERVICE, PACKAGING],
};

const byUnits = (price: UnitPrice): StepPrice => ({ pricedBy: 'units', price });
type How = Partial<Omit<PlayedStep, 'price'>>;

/** 0.6 credits: 1,000 tokens in and 200 out. */
export const turn = (how: How = {}): PlayedStep => ({
  stage: 'generate',
  kind: 'model_call',
  price: byTokens(CODER),
  used: use({ input: 1_000, output: 200, calls: 1 }),
  ...how,
});
/** 0.2 credits. */
export const clarification = (how: How = {}): PlayedStep => ({
  ...turn(how),
  stage: 'clarify',
  kind: 'clarification',
  price: byTokens(SMALL),
});
/** 0.012 credits: one call of a second. */
export const check = (how: How = {}): PlayedStep => ({
  stage: 'check',
  kind: 'tool_call',
  price: byUnits(CHECK),
  used: use({ calls: 1, milliseconds: 1_000 }),
  ...how,
});
export const search = (how: How = {}): PlayedStep => ({ ...check(how), stage: 'tool', price: byUnits(SERVICE) });
export const packaging = (how: How = {}): PlayedStep => ({
  stage: 'package',
  kind: 'packaging',
  price: byUnits(PACKAGING),
  used: use({ calls: 1, milliseconds: 40, bytes: 9_000 }),
  ...how,
});

type Answered = Readonly<Record<string, unknown>>;

export class PostedJobs {
  private constructor(
    readonly stack: TestStack,
    readonly bot: TestBot,
    readonly accountKey: string,
    private readonly terms: BotTerms,
  ) {}

  static async open(stack: TestStack, wish: BotWish = {}): Promise<PostedJobs> {
    const { manager } = stack.entities;
    const withSources = <P extends object>(prices: readonly P[]): (P & { source: string })[] =>
      prices.map((price) => ({ ...price, source: 'tests' }));
    await publishRateCard(manager, { ...CARD, models: withSources(CARD.models), units: withSources(CARD.units) });
    const bot = await openBot(stack, { credits: '1000', maxCredits: '100', ...wish });
    const terms = await readBotForAdmission(manager, bot.botId, instant(Date.now()));
    if (terms === null) throw new Error('the bot is not there');
    return new PostedJobs(stack, bot, await openAccountKey(stack, bot.accountId), {
      ...terms,
      rateCard: CARD,
      defaultModel: CODER.model,
    });
  }

  async play(job: Omit<PlayedJob, 'bot'>): Promise<Played> {
    const played = await playJob(this.stack.jobs, { bot: this.terms, ...job });
    if (played === null) throw new Error('the job was not admitted');
    return played;
  }

  async get(path: string, key: string = this.bot.key): Promise<Answered> {
    const answer = await new BotClient(this.stack, { ...this.bot, key }).get(`/v1/${path}`);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Half of a step's charge goes back. */
  async refund({ jobId, accountId }: Played, key: string, stepOrdinal: number): Promise<void> {
    const rows = await this.stack.entities.manager.query<{ lot_id: string }[]>(
      'SELECT lot_id FROM ledger.entries WHERE job_id = $1 AND step_ordinal = $2 AND to_account = $3',
      [jobId, stepOrdinal, `consumed:account/${accountId}`],
    );
    const parts = [{ lotId: String(rows[0]?.lot_id), amount: creditsOf('0.3') }];
    const wish = { asOf: instant(0), parts, form: 'origin_while_live', stepOrdinal } as const;
    const refunded = await this.stack.jobs.refund({ accountId, jobId }, key, wish);
    if (!refunded.ok) throw new Error(refunded.refusal.code);
  }

  async findLoop(
    { jobId, accountId }: Played,
    evidence: Readonly<Record<string, unknown>>,
    cause: LoopCause = 'platform_fault',
  ): Promise<void> {
    await this.stack.entities.manager.query(
      `INSERT INTO ledger.loop_findings (job_id, number, scope_id, account_id, signal, cause, action, found_at_step,
         amount, evidence, found_at)
       VALUES ($1, 1, $2, $3, 'equal_errors', $5, 'refunded', 4, 300000, $4, '2039-01-01T00:00:04Z')`,
      [jobId, `account/${accountId}`, accountId, JSON.stringify(evidence), cause],
    );
  }
}
