// API room. What an account has, as this door shows it: one headline, the kinds apart, and when each changes next.
import { formatCredits, instantToText, LOT_KINDS } from '@fairmeter/domain';
import type { CreditFigures, CreditsView, NextEnd, NextPeriod } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { pointText, writePoint } from './told-point.js';

const figures = z.object({
  available: credits.describe('Free to be used now.'),
  held: credits.describe('Set aside for running jobs.'),
  total: credits.describe('available + held.'),
});

const dated = figures.extend({
  expires_at: instantText.nullable().describe('The soonest end of a lot that has something left.'),
  expiring: credits.nullable().describe('How much of `available` goes then.'),
});

const nextPeriod = z.object({ starts_at: instantText, amount: credits });

export const creditsBody = figures.extend({
  as_of: instantText,
  point: pointText,
  entry_seq: z.string().describe('The last ledger entry counted in: of two answers the one with more is newer.'),
  event_seq: z.string().describe('The last event of the account by then.'),
  daily: figures.extend({ next_reset_at: instantText.nullable() }),
  subscription: figures.extend({
    period_end: instantText.nullable(),
    next_period: nextPeriod.nullable().describe('Posted ahead; not part of any figure before it begins.'),
  }),
  bonus: dated.extend({ kinds: z.array(dated.extend({ kind: z.enum(LOT_KINDS) })) }),
});
export type CreditsBody = z.output<typeof creditsBody>;

export function toCreditsBody(view: CreditsView): CreditsBody {
  const { daily, subscription, bonus } = view;
  return {
    as_of: instantToText(view.asOf),
    point: writePoint(view.point),
    ...figuresBody(view),
    daily: {
      ...figuresBody(daily),
      next_reset_at: daily.nextResetAt === null ? null : instantToText(daily.nextResetAt),
    },
    subscription: {
      ...figuresBody(subscription),
      period_end: subscription.periodEnd === null ? null : instantToText(subscription.periodEnd),
      next_period: nextPeriodBody(subscription.next),
    },
    bonus: {
      ...figuresBody(bonus),
      ...endBody(bonus.nextEnd),
      kinds: bonus.kinds.map((one) => ({ kind: one.kind, ...figuresBody(one), ...endBody(one.nextEnd) })),
    },
    entry_seq: view.entrySeq.toString(),
    event_seq: view.eventSeq.toString(),
  };
}

function figuresBody({ available, held, total }: CreditFigures): z.output<typeof figures> {
  return { available: formatCredits(available), held: formatCredits(held), total: formatCredits(total) };
}

function nextPeriodBody(next: NextPeriod | null): z.output<typeof nextPeriod> | null {
  return next === null ? null : { starts_at: instantToText(next.startsAt), amount: formatCredits(next.amount) };
}

function endBody(end: NextEnd | null): Pick<z.output<typeof dated>, 'expires_at' | 'expiring'> {
  if (end === null) return { expires_at: null, expiring: null };
  return { expires_at: instantToText(end.expiresAt), expiring: formatCredits(end.amount) };
}
