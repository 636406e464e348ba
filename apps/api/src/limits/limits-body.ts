// API room. Limits as owners set and see them.
import type { LimitChange } from '@fairmeter/domain';
import {
  add,
  COUNTER_KINDS,
  COUNTER_PERIODS,
  formatCredits,
  instantToText,
  shortfall,
  type MicroCredits,
} from '@fairmeter/domain';
import type { LimitName, LimitView, NamedLimit } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { credits, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { badCursor } from '../requests/cursor.js';
import { pageQuery } from '../requests/page.js';

/** Campaigns have limits of their own, set where they are opened. */
const LIMIT_KINDS = COUNTER_KINDS.filter((kind) => kind !== 'campaign');

/** What each kind of limit is about. Where two are named, both may be set, and both must be passed. */
const SUBJECTS: Readonly<Record<string, RegExp>> = {
  spend: /^$/,
  free_reserve: /^(|bot_[0-9A-Za-z_-]{1,64})$/,
  training: /^(|bot_[0-9A-Za-z_-]{1,64})$/,
  bot: /^bot_[0-9A-Za-z_-]{1,64}$/,
  member: /^usr_[0-9a-z]{1,64}$/,
  key: /^key_[0-9a-z]{1,64}$/,
  visitor: /^(vis|bot)_[0-9A-Za-z_-]{1,64}$/,
};

const name = {
  kind: z.enum(LIMIT_KINDS),
  subject: z
    .string()
    .max(100)
    .default('')
    .describe(
      'The bot, member, key or visitor it is about; left out for the whole account. A visitor limit on a bot is what ' +
        'each visitor of the bot may have who has no limit alone. The limit of a key is kept by the keys that take ' +
        'its place, and told under its `limit_subject`; it is set in the environment of the key, where it counts.',
    ),
  period: z.enum(COUNTER_PERIODS),
};

const limitWish = z
  .strictObject({ ...name, amount: creditAmount.nullable().describe('Null takes the limit away.') })
  .refine(({ kind, subject }) => SUBJECTS[kind]?.test(subject) === true, {
    path: ['subject'],
    error: 'does not fit the kind of limit',
  });

const limitName = z.object({ kind: z.enum(COUNTER_KINDS), subject: z.string(), period: z.enum(COUNTER_PERIODS) });

const MOST_LIMITS = 50;

export const limitsOfQuery = z.strictObject({ environment: environmentField });
export const limitsQuery = pageQuery.extend(limitsOfQuery.shape);

export const setLimitsBody = z.strictObject({
  limits: z
    .array(limitWish)
    .min(1)
    .max(MOST_LIMITS)
    .refine((limits) => new Set(limits.map(nameOf)).size === limits.length, 'must not name a limit twice')
    .describe('Those to be set or taken away; all others stay.'),
});
export type SetLimits = z.output<typeof setLimitsBody>;

export const limitBody = z.object({
  kind: z.enum(COUNTER_KINDS),
  subject: z.string(),
  period: z.enum(COUNTER_PERIODS),
  amount: credits,
  used: credits,
  held: credits.describe('Set aside for jobs that run.'),
  remaining: credits,
  resets_at: instantText.nullable().describe('When it counts anew.'),
});

export const limitsBody = z.object({ data: z.array(limitBody), next_cursor: z.string().nullable() });
export type LimitsBody = z.output<typeof limitsBody>;

export const limitsPreviewBody = z.object({
  data: z.array(
    z.object({
      kind: z.enum(COUNTER_KINDS),
      subject: z.string(),
      period: z.enum(COUNTER_PERIODS),
      before: credits.nullable(),
      after: credits.nullable(),
      used: credits,
      held: credits,
      stops_now: z.boolean().describe('What would come on top is refused at once; what runs goes on to its end.'),
    }),
  ),
});
export type LimitsPreviewBody = z.output<typeof limitsPreviewBody>;

export function toLimitBody(limit: LimitView): z.output<typeof limitBody> {
  const { kind, subject, period, amount, used, held, resetsAt } = limit;
  return {
    kind,
    subject,
    period,
    amount: formatCredits(amount),
    used: formatCredits(used),
    held: formatCredits(held),
    remaining: formatCredits(shortfall(amount, add(used, held))),
    resets_at: resetsAt === null ? null : instantToText(resetsAt),
  };
}

/** Where a page of limits ended; no part of a name holds what parts a cursor. */
export function limitAfter([kind, subject, period]: readonly string[]): LimitName {
  const name = limitName.safeParse({ kind, subject, period });
  if (!name.success) throw badCursor();
  return name.data;
}

/** `present` holds every limit that is named, whether it is set or not. */
export function toLimitsPreview(changes: readonly LimitChange[], present: readonly NamedLimit[]): LimitsPreviewBody {
  return {
    data: changes.map((change) => {
      const now = present.find((one) => nameOf(one) === nameOf(change));
      const told = (amount: MicroCredits | null | undefined): string | null =>
        amount === null || amount === undefined ? null : formatCredits(amount);
      const taken = now === undefined ? null : add(now.used, now.held);
      return {
        kind: change.kind,
        subject: change.subject,
        period: change.period,
        before: now?.isSet === true ? told(now.amount) : null,
        after: told(change.amount),
        used: told(now?.used) ?? '0.000000',
        held: told(now?.held) ?? '0.000000',
        stops_now: change.amount !== null && taken !== null && taken >= change.amount,
      };
    }),
  };
}

export function nameOf({ kind, subject, period }: Pick<LimitChange, 'kind' | 'subject' | 'period'>): string {
  return `${kind}|${subject}|${period}`;
}
