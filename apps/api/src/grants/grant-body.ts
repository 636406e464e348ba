// API room. Grants of credits as staff ask for them and as their account sees them, and how credits can be earned.
import {
  credits as wholeCredits,
  EARNING_RULE_IDS,
  EARNING_RULES,
  formatCredits,
  GRANT_KINDS,
  GRANT_STATES,
  type Instant,
  instantToText,
  STAFF_ROLES,
} from '@fairmeter/domain';
import type { GrantRecord, StaffGrant } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { instantField } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { freeText, nameText } from '../requests/texts.js';

const MAX_REASON_CHARACTERS = 2_000;
const MAX_REFERENCE_CHARACTERS = 200;
/** Of one grant: a slip of the keyboard stays within what people can put right. */
const MAX_CREDITS = wholeCredits(1_000_000n);

const reason = freeText(MAX_REASON_CHARACTERS).describe('Why; kept with the line of the audit.');
const amount = creditAmount.refine(
  (asked) => asked > 0n && asked <= MAX_CREDITS,
  'must be above 0 and at most 1000000',
);
const expiresAt = instantField
  .nullable()
  .optional()
  .describe('The first instant at which they pay no more. Default: they never end.');

const given = <Kind extends string>(kind: Kind) =>
  z.strictObject({ kind: z.literal(kind), credits: amount, reason, expires_at: expiresAt });

const earned = z.strictObject({
  kind: z.literal('community'),
  credits: amount.optional().describe('As the rule says; it may be left out.'),
  reason,
  expires_at: expiresAt,
  rule: z.enum(EARNING_RULE_IDS).describe('Of `GET /v1/earning-rules`.'),
  contribution_reference: nameText(MAX_REFERENCE_CHARACTERS)
    .transform((text) => text.trim())
    .refine((text) => text !== '', 'must not be empty')
    .describe('What names the contribution wherever it was made: it is rewarded once.'),
});

export const askGrantBody = z
  .discriminatedUnion('kind', [given('admin'), given('promo'), given('compensation'), earned])
  .refine(
    (asked) =>
      asked.kind !== 'community' || asked.credits === undefined || asked.credits === EARNING_RULES[asked.rule].amount,
    { path: ['credits'], message: 'must be what the rule says' },
  );
export type AskGrant = z.output<typeof askGrantBody>;

export const decideGrantBody = z.strictObject({ reason });

export const staffGrantsQuery = z.strictObject({
  ...pageShape,
  state: z.enum(GRANT_STATES).optional().describe('Only grants in this state; `requested` waits for a second person.'),
});

export const grantsQuery = z.strictObject({
  ...pageShape,
  kind: z.enum(GRANT_KINDS).optional().describe('Only grants of this kind.'),
});

const contribution = z
  .object({ rule: z.enum(EARNING_RULE_IDS), reference: z.string() })
  .nullable()
  .describe('What was rewarded; null where the grant is of another kind.');

export const staffGrantBody = z.object({
  id: z.string(),
  account_id: z.string(),
  kind: z.enum(GRANT_KINDS),
  credits,
  expires_at: instantText.nullable(),
  contribution,
  reason: z.string().nullable().describe('Null where it was erased.'),
  state: z.enum(GRANT_STATES).describe('`requested` waits for a second person; `notified` is posted and told.'),
  asked_by: z.object({ id: z.string(), role: z.enum(STAFF_ROLES) }),
  decided_by: z.string().nullable().describe('Null where one person was enough, and where nobody decided in time.'),
  decided_at: instantText.nullable(),
  lot_id: z.string().nullable().describe('The credits it became.'),
  created_at: instantText,
});
export type StaffGrantBody = z.output<typeof staffGrantBody>;

export const staffGrantsBody = z.object({
  data: z.array(staffGrantBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type StaffGrantsBody = z.output<typeof staffGrantsBody>;

const grantBody = z.object({
  id: z.string(),
  kind: z.enum(GRANT_KINDS),
  credits,
  state: z.enum(['granted', 'expired']).describe('`expired`: its end has come, and what was left is gone.'),
  expires_at: instantText.nullable().describe('Null where the credits never end.'),
  contribution,
  lot_id: z.string().nullable().describe('Of the list of lots, which says what is left.'),
  created_at: instantText,
});

export const grantsBody = z.object({
  data: z.array(grantBody).describe('The newest first; what was only asked for, or rejected, is not among them.'),
  next_cursor: z.string().nullable(),
});
export type GrantsBody = z.output<typeof grantsBody>;

export const earningRulesBody = z.object({
  data: z.array(
    z.object({
      id: z.enum(EARNING_RULE_IDS),
      title: z.string(),
      credits: credits.describe('Once for each contribution.'),
    }),
  ),
});
export type EarningRulesBody = z.output<typeof earningRulesBody>;

export const EARNING_RULES_TOLD: EarningRulesBody = {
  data: EARNING_RULE_IDS.map((id) => ({
    id,
    title: EARNING_RULES[id].title,
    credits: formatCredits(EARNING_RULES[id].amount),
  })),
};

export function toStaffGrantBody(grant: StaffGrant): StaffGrantBody {
  return {
    id: grant.id,
    account_id: grant.accountId,
    kind: grant.kind,
    credits: formatCredits(grant.credits),
    expires_at: momentText(grant.expiresAt),
    contribution: grant.contribution,
    reason: grant.reason,
    state: grant.state,
    asked_by: grant.askedBy,
    decided_by: grant.decidedBy,
    decided_at: momentText(grant.decidedAt),
    lot_id: grant.lotId,
    created_at: instantToText(grant.createdAt),
  };
}

export function toGrantBody(grant: GrantRecord, at: Instant): GrantsBody['data'][number] {
  const { expiresAt: end } = grant;
  return {
    id: grant.id,
    kind: grant.kind,
    credits: formatCredits(grant.credits),
    state: end !== null && end <= at ? 'expired' : 'granted',
    expires_at: momentText(end),
    contribution: grant.contribution,
    lot_id: grant.lotId,
    created_at: instantToText(grant.createdAt),
  };
}

function momentText(at: Instant | null): string | null {
  return at === null ? null : instantToText(at);
}
