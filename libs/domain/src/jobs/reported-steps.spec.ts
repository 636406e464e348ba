// Goal: steps of several sub-agents fit into one job while what they may cost fits into its budget, whatever the job
// reserves; one that is never ended is let go once, and gives back what was set aside for it alone. Method: jobs in
// memory.
import { describe, expect, it } from '@jest/globals';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  botTerms,
  cardWith,
  creditsOf,
  grantOrder,
  T0,
  USE_OF_0_6,
  wishFor,
} from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, parseMicroCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { heldOf } from '../ledger/hold.js';
import type { AbandonResult } from './abandon.js';
import { abandonStep } from './abandon.js';
import { NO_REPORT } from './moves.js';
import type { BeginReportedResult, EndReportedResult } from './reported-steps.js';
import { beginReported, endReported } from './reported-steps.js';
import type { Reserve } from './reserve.js';

const JOB = 'job_1';
const CARD = cardWith();
/** 2,000 tokens in at the dearest input rate and 400 out at the dearest output rate. */
const WORST = creditsOf('1.35');

class ReportedBot {
  readonly ledger = new MemoryLedger('acc_1');

  constructor(reserve: Reserve, maxCredits: string, granted = '100') {
    this.ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf(granted) }));
    const wish = wishFor({ reserve, maxCredits: creditsOf(maxCredits), mode: 'reported' });
    const admitted = this.ledger.admit(T0, admitOrder(JOB, { bot: botTerms(), wish }));
    if (!admitted.ok) throw new Error(admitted.refusal.code);
  }

  get held(): MicroCredits {
    const hold = this.ledger.holdOf(JOB);
    return hold === null ? ZERO : heldOf(hold);
  }

  begin(ordinal: number, heldByOthers: MicroCredits): Outcome<BeginReportedResult> {
    return this.ledger.post(T0, (at) =>
      beginReported(this.ledger.stepGround(JOB, ordinal, at), {
        kind: 'model_call',
        model: 'coder',
        tool: null,
        ordinal,
        iteration: 1,
        card: CARD,
        need: { inputTokens: 2_000, outputTokens: 400 },
        heldByOthers,
        blocked: null,
      }),
    );
  }

  end(ordinal: number): Outcome<EndReportedResult> {
    return this.ledger.post(T0, (at) =>
      endReported(this.ledger.stepGround(JOB, ordinal, at), {
        ordinal,
        attempt: 1,
        card: CARD,
        meters: USE_OF_0_6,
        unmetered: false,
        green: null,
        report: NO_REPORT,
        resultBytes: 0,
        providerRequestId: null,
        latencyMs: 1,
      }),
    );
  }

  letGo(ordinal: number, heldByOthers: MicroCredits): Outcome<AbandonResult> {
    const minimumCharge = creditsOf('0.1');
    return this.ledger.post(after(T0, 900_000), (at) =>
      abandonStep(this.ledger.stepGround(JOB, ordinal, at), { ordinal, attempt: 1, heldByOthers, minimumCharge }),
    );
  }

  /** Begins steps of as many streams as the job takes, each beside all before it. */
  fill(): readonly Outcome<BeginReportedResult>[] {
    const begun: Outcome<BeginReportedResult>[] = [];
    let others = ZERO;
    for (;;) {
      const next = this.begin(begun.length + 1, others);
      begun.push(next);
      if (!next.ok) return begun;
      others = add(others, parseMicroCredits(next.value.held));
    }
  }
}

describe.each<Reserve>(['rolling', 'full'])('open steps of several streams, reserve %s', (reserve) => {
  it('[F4, F7] fit while the sum of what they may cost fits into the budget', () => {
    const begun = new ReportedBot(reserve, '5').fill();
    // 5 credits hold three whole worst cases, and a fourth step whose answer is bounded by what is left.
    const parts = begun.flatMap((each) => (each.ok ? [each.value] : []));
    expect(parts.slice(0, 3).map(({ held, maxOutputTokens }) => [parseMicroCredits(held), maxOutputTokens])).toEqual(
      [1, 2, 3].map(() => [WORST, 400]),
    );
    expect(add(ZERO, ...parts.map(({ held }) => parseMicroCredits(held)))).toBeLessThanOrEqual(creditsOf('5'));
    expect(begun.at(-1)).toMatchObject({
      ok: false,
      refusal: { code: 'credits_exhausted', limitSource: 'job_budget' },
    });
  });
});

describe('a reported step that is never ended', () => {
  it('[F7] gives back what was set aside for it alone, and its end comes late', () => {
    const bot = new ReportedBot('rolling', '20');
    bot.begin(1, ZERO);
    bot.begin(2, WORST);
    expect(bot.held).toBe(add(WORST, WORST));
    expect(bot.letGo(1, WORST)).toMatchObject({ value: { outcome: 'abandoned' } });
    expect(bot.held).toBe(WORST);
    expect(bot.ledger.jobs.get(JOB)).toMatchObject({ state: 'running', held: WORST, charge: ZERO });
    expect(bot.ledger.steps.get(`${JOB}:1`)).toMatchObject({ state: 'abandoned', charge: ZERO });
    expect(bot.ledger.attemptsOf(JOB, 1)).toMatchObject([{ state: 'closed', fault: 'abandoned' }]);
    expect(bot.ledger.events.at(-1)).toMatchObject({ type: 'step.abandoned', step: 1, released: '1.350000' });

    const entries = bot.ledger.entries.length;
    expect(bot.end(1)).toMatchObject({ value: { outcome: 'late', jobState: 'running' } });
    expect([bot.held, bot.ledger.entries.length]).toEqual([WORST, entries]);
    // What it cost us is on record all the same.
    expect(bot.ledger.attemptsOf(JOB, 1)).toMatchObject([{ state: 'closed', meters: USE_OF_0_6 }]);
    expect(bot.end(2)).toMatchObject({ value: { outcome: 'ended' } });
  });

  it('[F7] keeps the smallest charge that is still owed where no other step is under way', () => {
    const bot = new ReportedBot('rolling', '20');
    bot.begin(1, ZERO);
    bot.letGo(1, ZERO);
    expect(bot.held).toBe(creditsOf('0.1'));
  });

  it('[F4, F7] leaves a whole budget set aside where the job reserves in full', () => {
    const bot = new ReportedBot('full', '20');
    bot.begin(1, ZERO);
    bot.letGo(1, ZERO);
    expect(bot.held).toBe(creditsOf('20'));
  });

  it('is let go once, and not after its end', () => {
    const bot = new ReportedBot('rolling', '20');
    bot.begin(1, ZERO);
    bot.begin(2, WORST);
    bot.end(2);
    bot.letGo(1, ZERO);
    const postings = bot.ledger.entries.length;
    expect(bot.letGo(1, ZERO)).toMatchObject({ value: { outcome: 'late' } });
    expect(bot.letGo(2, ZERO)).toMatchObject({ value: { outcome: 'late' } });
    expect(bot.ledger.entries.length).toBe(postings);
  });
});
