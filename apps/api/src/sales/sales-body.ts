// API room. What was sold to visitors of an account's bots, as its owner asks for it and reads it.
import { formatCredits, instantToText, PURCHASE_STATES } from '@fairmeter/domain';
import type { SaleLine, SalesTotal } from '@fairmeter/records';
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { credits, instantText } from '../jobs/job-body.js';
import { botIdField, pastInstantField } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { csvLine } from './csv.js';

export const salesQuery = z.strictObject({
  bot_id: botIdField.optional().describe('Only what was sold at this bot.'),
  from: pastInstantField.optional().describe('The first instant counted in; from the beginning by default.'),
  to: pastInstantField.optional().describe('The first instant not counted in; up to the present by default.'),
  environment: environmentField,
  format: z
    .enum(['json', 'csv'])
    .default('json')
    .describe('`csv` is the whole range in one file and takes neither `limit` nor `cursor`; `json` comes in pages.'),
  ...pageShape,
});
export type SalesQuery = z.output<typeof salesQuery>;

const coins = z.string().describe('In the smallest coin; below zero for what went back.');

const saleLine = z.object({
  at: instantText,
  kind: z.enum(['sale', 'reversal']),
  state: z.enum(PURCHASE_STATES).exclude(['pending']).describe('What the payment became by it.'),
  sold: z.enum(['pack', 'plan']).describe('A pack of credits, or a time of a plan.'),
  bot_id: z.string().describe('Where it was bought.'),
  purchase_id: z.string().nullable().describe('Of a pack.'),
  product_id: z.string().nullable().describe('Of a pack.'),
  payment_id: z.string().nullable().describe('Of a plan: one payment for one time of it.'),
  plan_id: z.string().nullable().describe('Of a plan.'),
  product_name: z.string().describe('As the pack or plan was called.'),
  credits: credits
    .nullable()
    .describe('Of a pack, below zero where it was taken back; null of a plan, whose allowance comes again.'),
  amount_minor: coins,
  iso_4217: z.string(),
});

const salesTotal = z.object({
  bot_id: z.string(),
  iso_4217: z.string(),
  sales: z.int(),
  reversals: z.int(),
  sold_minor: coins,
  reversed_minor: coins,
  net_minor: coins,
});

export const salesBody = z.object({
  data: z.array(saleLine).describe('The newest first.'),
  totals: z.array(salesTotal).describe('Of the whole range, by bot and coin; the same on every page.'),
  next_cursor: z.string().nullable(),
});
export type SalesBody = z.output<typeof salesBody>;

export interface SalesAnswer {
  readonly lines: readonly SaleLine[];
  readonly totals: readonly SalesTotal[];
  readonly nextCursor: string | null;
}

export function toSalesBody({ lines, totals, nextCursor }: SalesAnswer): SalesBody {
  return { data: lines.map(toLine), totals: totals.map(toTotal), next_cursor: nextCursor };
}

function toLine(line: SaleLine): z.output<typeof saleLine> {
  return {
    at: instantToText(line.at),
    kind: line.state === 'paid' ? 'sale' : 'reversal',
    state: line.state,
    bot_id: line.botId,
    ...toSold(line.sold),
    product_name: line.productName,
    amount_minor: line.amount.minor.toString(),
    iso_4217: line.amount.currency,
  };
}

type ToldOfSold = 'sold' | 'purchase_id' | 'product_id' | 'payment_id' | 'plan_id' | 'credits';

function toSold(sold: SaleLine['sold']): Pick<z.output<typeof saleLine>, ToldOfSold> {
  const { what } = sold;
  if (what === 'plan') {
    const { paymentId, planId } = sold;
    return { sold: what, purchase_id: null, product_id: null, payment_id: paymentId, plan_id: planId, credits: null };
  }
  const { purchaseId, productId, credits: amount } = sold;
  const pack = { purchase_id: purchaseId, product_id: productId, credits: formatCredits(amount) };
  return { sold: what, ...pack, payment_id: null, plan_id: null };
}

function toTotal({ botId, currency, sales, reversals, sold, reversed }: SalesTotal): z.output<typeof salesTotal> {
  return {
    bot_id: botId,
    iso_4217: currency,
    sales,
    reversals,
    sold_minor: sold.toString(),
    reversed_minor: reversed.toString(),
    net_minor: (sold + reversed).toString(),
  };
}

const COLUMNS = Object.keys(saleLine.shape) as (keyof typeof saleLine.shape)[];

/** The same columns as the lines of the JSON form. */
export const SALES_HEAD = csvLine(COLUMNS);

export function toSalesCsv(lines: readonly SaleLine[]): string {
  return lines
    .map(toLine)
    .map((line) => csvLine(COLUMNS.map((column) => line[column] ?? '')))
    .join('');
}
