// Goal: a quote is a range in order, grows with what is asked, and its highest figure is one a job can be held to.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  botTerms,
  cardWith,
  creditsOf,
  planFor,
  priceFor,
  T0,
  unitPriceFor,
  wishFor,
} from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { decideAdmission } from '../jobs/admission.js';
import { EXTRAS, NO_EXTRAS } from '../jobs/extras.js';
import { PROGRAMS } from '../jobs/job.js';
import type { RateCard } from '../pricing/rate-card.js';
import { instant } from '../time/instant.js';
import { payingLots } from './paying-lots.js';
import { underQuote, type QuoteTerms } from './pinned-quote.js';
import { comparedRange, quoteOf, quoteParts, type QuoteOrder } from './quote.js';
import { requestText, selectionFits, withWholeFiles } from './request-text.js';

const card: RateCard = {
  ...cardWith(),
  units: [unitPriceFor(), unitPriceFor({ item: 'tool.write' }), unitPriceFor({ item: 'preview.build', kind: 'build' })],
};
const orderOf = (wish: Partial<QuoteOrder> = {}): QuoteOrder => ({
  card,
  price: priceFor(),
  program: 'workspace',
  maxIterations: 5,
  budget: creditsOf('20'),
  request: { tokens: 100, bytes: 400 },
  extras: [],
  ...wish,
});

const free = { openJobs: 0, now: T0 };

const rate = fc.bigInt(0n, 3_000_000_000n).map((value) => value as MicroCredits);
const orders: fc.Arbitrary<QuoteOrder> = fc
  .record({
    rates: fc.record({ input: rate, cachedInput: rate, cacheWrite: rate, output: rate, reasoning: rate }),
    maxOutputTokens: fc.integer({ min: 1, max: 64_000 }),
    program: fc.constantFrom(...PROGRAMS, 'reported' as const),
    maxIterations: fc.integer({ min: 1, max: 100 }),
    budget: fc.bigInt(100_000n, 1_000_000_000n).map((value) => value as MicroCredits),
    bytes: fc.nat(1_000_000),
    extras: fc.subarray([...EXTRAS]),
  })
  .map(({ rates, maxOutputTokens, bytes, ...rest }) => {
    const price = priceFor({ rates, maxOutputTokens });
    return orderOf({ ...rest, price, request: { bytes, tokens: Math.ceil(bytes / 4) } });
  });

describe('quoteOf', () => {
  it('is min <= expected <= max, within the budget and never below the smallest charge', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const { min, expected, max } = quoteOf(order);
        expect(order.card.minimumCharge <= min && min <= expected && expected <= max).toBe(true);
        expect(max <= order.budget).toBe(true);
      }),
    );
  });

  it('[X19] promises a figure under which the same request is admitted, wherever its budget lets it in', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const rateCard = { ...order.card, models: [order.price] };
        const { program } = order;
        const bot = botTerms({ type: program === 'answer' ? 'chat' : 'coding', program, rateCard, plan: planFor() });
        const { max } = quoteOf(order);
        const reach = { amount: creditsOf('1000000'), refusalOf: () => ({ code: 'ledger_busy' as const }) };
        const wish = wishFor({ promptBytes: order.request.bytes, maxIterations: order.maxIterations });
        const ask = (maxCredits: MicroCredits) =>
          decideAdmission({ bot, wish: { ...wish, maxCredits }, reach, ...free });
        expect(ask(max).ok).toBe(ask(order.budget).ok);
      }),
    );
  });

  it('[D4] rises with the size of what is asked: a short function, a whole file, a project', () => {
    const sizes = [100, 4_000, 60_000].map((tokens) =>
      quoteOf(orderOf({ request: { tokens, bytes: 4 * tokens }, budget: creditsOf('1000000') })),
    );
    for (const figure of ['min', 'expected', 'max'] as const) {
      const [small, file, project] = sizes.map((range) => range[figure]);
      expect(creditsOf('0.1') < (small ?? 0n)).toBe(true);
      expect((small ?? 0n) < (file ?? 0n) && (file ?? 0n) < (project ?? 0n)).toBe(true);
    }
  });

  it('[D16] compares past the budget, in order, and not past it where it does', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const { min, expected, max } = comparedRange(order);
        expect(min <= expected && expected <= max).toBe(true);
        const within = quoteOf(order);
        expect(expected >= within.expected).toBe(true);
        if (expected < within.max) expect(comparedRange(order)).toEqual(within);
      }),
    );
  });

  it('[C4] [C5] rises with the price of the model and with each extra', () => {
    const rates = { ...priceFor().rates, output: creditsOf('3000'), reasoning: creditsOf('3000') };
    const { expected } = quoteOf(orderOf());
    expect(quoteOf(orderOf({ price: priceFor({ rates }) })).expected > expected).toBe(true);
    for (const extra of ['explanation', 'tests', 'install_notes'] as const) {
      expect(quoteOf(orderOf({ extras: [extra] })).expected > expected).toBe(true);
    }
    expect(quoteOf(orderOf({ extras: ['zip', 'file_tree'] })).expected).toBe(expected);
  });

  it('[C6] counts in the tools and the build that the card prices', () => {
    const free = quoteOf(orderOf({ card: cardWith(), budget: creditsOf('1000000') }));
    const priced = quoteOf(orderOf({ budget: creditsOf('1000000') }));
    expect(free.expected < priced.expected && free.max < priced.max).toBe(true);
  });

  it('knows the programs apart: one answer, a draft that is reviewed, an agent with tools', () => {
    const [answer, review, workspace] = PROGRAMS.map((program) =>
      quoteOf(orderOf({ program, budget: creditsOf('1000000') })),
    );
    for (const figure of ['min', 'expected', 'max'] as const) {
      const [one, draft, agent] = [answer, review, workspace].map((range) => range?.[figure] ?? 0n);
      expect([draft, agent].every((larger = 0n) => larger > (one ?? 0n))).toBe(true);
    }
    expect((review?.max ?? 0n) < (workspace?.max ?? 0n)).toBe(true);
    const packed = { card: { ...card, units: [unitPriceFor({ item: 'packaging', kind: 'packaging' as const })] } };
    const zipOf = (wish: Partial<QuoteOrder>) =>
      quoteParts(orderOf({ ...packed, ...wish, extras: ['zip'] }))[1]?.expected;
    expect(zipOf({ program: 'workspace' })).toBe(creditsOf('0.0124'));
    expect(zipOf({ program: 'review' })).toBe(0n);
  });

  it('[C9] passes 20 credits where the budget does', () => {
    const large = { request: { tokens: 60_000, bytes: 240_000 } };
    expect(quoteOf(orderOf({ ...large, budget: creditsOf('300') })).max).toBe(creditsOf('300'));
    expect(quoteOf(orderOf({ ...large, budget: creditsOf('20') })).max).toBe(creditsOf('20'));
  });
});

describe('a request under a quote', () => {
  const pinned = { ...cardWith(priceFor({ model: 'coder' })), id: 'card_of_the_quote' };
  const terms: QuoteTerms = {
    id: 'quo_1',
    accountId: 'acc_1',
    botId: 'bot_1',
    model: 'coder',
    program: 'review',
    extras: { ...NO_EXTRAS, tests: true },
    maxIterations: 3,
    deadline: instant(T0 + 60_000),
    max: creditsOf('4'),
    expiresAt: instant(T0 + 1_000),
    rateCard: pinned,
  };
  const ask = (wish: Parameters<typeof wishFor>[0] = {}, quote: QuoteTerms | null = terms, at = T0) =>
    underQuote({ terms: quote, at }, botTerms(), wishFor(wish));

  it('price.pinned: has the quote’s card, and a budget of at most what the quote promised', () => {
    const plain = ask();
    if (!plain.ok) throw new Error(plain.refusal.code);
    expect(plain.value.bot.rateCard.id).toBe('card_of_the_quote');
    expect(plain.value.wish).toMatchObject({ model: 'coder', maxIterations: 3, maxCredits: creditsOf('4') });
    expect(plain.value.wish).toMatchObject({ extras: { ...NO_EXTRAS, tests: true }, deadline: terms.deadline });
    const higher = ask({ maxCredits: creditsOf('9') });
    expect(higher.ok && higher.value.wish.maxCredits).toBe(creditsOf('4'));
    const lower = ask({ maxCredits: creditsOf('2'), maxIterations: 1 });
    expect(lower.ok && lower.value.wish).toMatchObject({ maxCredits: creditsOf('2'), maxIterations: 1 });
  });

  it('is admitted with the quote’s card and budget, and not with those of the day', () => {
    const reach = { amount: creditsOf('100'), refusalOf: () => ({ code: 'ledger_busy' as const }) };
    const decided = decideAdmission({ bot: botTerms(), wish: wishFor(), reach, ...free, quote: { terms, at: T0 } });
    if (!decided.ok) throw new Error(decided.refusal.code);
    expect(decided.value).toMatchObject({ rateCardId: 'card_of_the_quote', maxCredits: creditsOf('4') });
  });

  it('is refused where the quote is unknown, another’s, over, or of something else', () => {
    const codeOf = (answer: ReturnType<typeof ask>) => (answer.ok ? 'accepted' : answer.refusal);
    expect(codeOf(ask({}, null))).toEqual({ code: 'quote_not_found' });
    expect(codeOf(ask({}, { ...terms, botId: 'bot_2' }))).toEqual({ code: 'quote_not_found' });
    expect(codeOf(ask({}, { ...terms, accountId: 'acc_2' }))).toEqual({ code: 'quote_not_found' });
    expect(codeOf(ask({}, terms, instant(terms.expiresAt - 1)))).toBe('accepted');
    expect(codeOf(ask({}, terms, terms.expiresAt))).toEqual({ code: 'quote_expired', expiredAt: terms.expiresAt });
    expect(codeOf(ask({ model: 'other' }))).toEqual({ code: 'quote_mismatch', field: 'model' });
    expect(codeOf(ask({ maxIterations: 4 }))).toEqual({ code: 'quote_mismatch', field: 'max_iterations' });
  });

  it.each([
    ['mode', { mode: 'reported' as const }, {}],
    ['mode', {}, { program: 'reported' as const }],
    ['program', {}, { program: 'workspace' as const }],
    ['extras', { extras: { explanation: true } }, {}],
    ['extras', { extras: { tests: false } }, {}],
    ['deadline', { deadline: instant(T0 + 60_001) }, {}],
  ])('is refused by its %s where that is not what was quoted', (field, wish, given) => {
    const answer = ask(wish, { ...terms, ...given });
    expect(answer.ok ? 'accepted' : answer.refusal).toEqual({ code: 'quote_mismatch', field });
  });

  it('may be done sooner, and says again what was quoted', () => {
    const sooner = ask({ deadline: instant(T0 + 59_999), extras: { tests: true, zip: false }, mode: 'managed' });
    expect(sooner.ok && sooner.value.wish.deadline).toBe(T0 + 59_999);
    const bounded = ask({ deadline: instant(T0 + 5) }, { ...terms, deadline: null });
    expect(bounded.ok && bounded.value.wish.deadline).toBe(T0 + 5);
  });
});

describe('the text of a request', () => {
  const file = { path: 'src/a.ts', text: 'one\ntwo\nthree\nfour', selection: { from: 2, to: 3 } };

  it('is the prompt alone, or with what is selected of each file, or with the whole of it', () => {
    expect(requestText('Explain', [])).toBe('Explain');
    expect(requestText('Explain', [file])).toBe('Explain\n\n--- src/a.ts, lines 2 to 3\ntwo\nthree');
    expect(requestText('Explain', withWholeFiles([file]))).toBe('Explain\n\n--- src/a.ts\none\ntwo\nthree\nfour');
  });

  it('has no selection beyond its file', () => {
    expect(selectionFits(file)).toBe(true);
    expect(selectionFits({ ...file, selection: { from: 1, to: 5 } })).toBe(false);
    expect(selectionFits({ ...file, selection: { from: 3, to: 2 } })).toBe(false);
  });
});

describe('payingLots', () => {
  it('[W1] uses up the first lot before the next, and says what none would pay', () => {
    const lots = [creditsOf('5'), creditsOf('100'), creditsOf('20')].map((open) => ({ open }));
    expect(payingLots(lots, creditsOf('7.3'))).toEqual({
      lines: [
        { lot: lots[0], amount: creditsOf('5') },
        { lot: lots[1], amount: creditsOf('2.3') },
      ],
      missing: 0n,
    });
    expect(payingLots(lots, creditsOf('130')).missing).toBe(creditsOf('5'));
    expect(payingLots([{ open: creditsOf('0') }], creditsOf('1'))).toEqual({ lines: [], missing: creditsOf('1') });
  });
});
