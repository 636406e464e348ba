// Goal: what people review in `plans/` is what is published; a file that cannot be meant stops the seed and says why.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { formatCredits, periodText } from '@fairmeter/domain';
import { readPlans } from './plan-files.js';

const PLANS = fileURLToPath(new URL('../../../../plans', import.meta.url));

describe('the plans that are shipped', () => {
  it('[D8] [E5] [E6] are one free by 30 days, three tiers by month and year, two of visitors, an agreement', () => {
    const lines = readPlans(PLANS).map((plan) => {
      const billing = plan.billingPeriod === null ? 'never' : periodText(plan.billingPeriod);
      const credits = `${formatCredits(plan.periodAllowance)} each ${periodText(plan.creditPeriod)}`;
      return `${plan.planId} ${plan.tier}: ${credits}, ${formatCredits(plan.dailyAllowance)} a day, paid ${billing}`;
    });
    expect(lines.sort()).toEqual([
      'plan_business 3: 2000.000000 each P1M, 20.000000 a day, paid P1M',
      'plan_business_annual 3: 2000.000000 each P1M, 20.000000 a day, paid P1Y',
      'plan_custom 0: 60000.000000 each P1Y, 0.000000 a day, paid P1Y',
      'plan_free 0: 50.000000 each P30D, 2.000000 a day, paid never',
      'plan_premium 2: 1000.000000 each P1M, 10.000000 a day, paid P1M',
      'plan_premium_annual 2: 1000.000000 each P1M, 10.000000 a day, paid P1Y',
      'plan_standard 1: 300.000000 each P1M, 5.000000 a day, paid P1M',
      'plan_standard_annual 1: 300.000000 each P1M, 5.000000 a day, paid P1Y',
      'plan_visitor 1: 10.000000 each P1M, 0.000000 a day, paid P1M',
      'plan_visitor_plus 2: 40.000000 each P1M, 0.000000 a day, paid P1M',
    ]);
  });

  it('[E44] ask less for a credit the higher their tier, and less for a year than for its months', () => {
    const perCredit = (id: string, months: number): number => {
      const plan = readPlans(PLANS).find(({ planId }) => planId === id);
      return Number(plan?.price?.minor) / (months * Number(plan?.periodAllowance));
    };
    const byMonth = ['plan_standard', 'plan_premium', 'plan_business'].map((id) => perCredit(id, 1));
    const byYear = ['plan_standard_annual', 'plan_premium_annual', 'plan_business_annual'].map((id) =>
      perCredit(id, 12),
    );
    for (const prices of [byMonth, byYear]) expect(prices).toEqual([...prices].sort((a, b) => b - a));
    byYear.forEach((price, tier) => {
      expect(price).toBeLessThan(byMonth[tier] ?? 0);
    });
  });
});

describe('the file of a plan', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plans-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  type File = Readonly<Record<string, unknown>>;
  const shipped = (plan: string): File => JSON.parse(readFileSync(join(PLANS, `plan.${plan}.json`), 'utf8')) as File;
  const put = (name: string, file: File): void => {
    writeFileSync(join(folder, `plan.${name}.json`), JSON.stringify(file));
  };
  const loopsIn = (loops?: File): unknown => {
    const file = shipped('free');
    put('free', { ...file, limits: { ...(file['limits'] as File), ...(loops === undefined ? {} : { loops }) } });
    return readPlans(folder)[0]?.limits.loops;
  };

  it('names only what it changes of the loop rules', () => {
    expect(loopsIn()).toBeUndefined();
    expect(loopsIn({ equal_errors: 5, pollable_tools: ['status'], shadow: true })).toEqual({
      equalErrors: 5,
      pollableTools: ['status'],
      shadow: true,
    });
  });

  it('is refused where once would be a loop', () => {
    expect(() => loopsIn({ red_builds: 1 })).toThrow('plan.free.json is not what a plan can say: limits.loops.red');
  });

  it.each([
    ['period_allowance', '1e3', 'period_allowance: is no amount of credits'],
    ['credit_period', 'P2W', 'credit_period: is none of'],
    ['price', { amount_minor: '0', iso_4217: 'eur' }, 'price.amount_minor'],
    ['team_seats', 0, 'team_seats'],
    ['features', ['everything'], 'features.0'],
    ['alowance', '1', 'alowance'],
  ])('is refused for its %s', (field, value, message) => {
    put('standard', { ...shipped('standard'), [field]: value });
    expect(() => readPlans(folder)).toThrow('plan.standard.json');
    expect(() => readPlans(folder)).toThrow(message);
  });

  it('is refused beside another that it does not fit', () => {
    put('standard', shipped('standard'));
    put('premium', { ...shipped('premium'), daily_allowance: '4' });
    expect(() => readPlans(folder)).toThrow(
      'plan_premium version 1 has a smaller daily allowance than plan_standard version 1',
    );
  });
});
