// API room. The people of an account and the invitations that are open, as this door shows them.
import { COUNTER_PERIODS, instantToText } from '@fairmeter/domain';
import type { Invitation, Member } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { limitBody } from '../limits/limits-body.js';
import { nameText } from '../requests/texts.js';

const MAX_EMAIL = 254;
const MAX_TOKEN = 200;

const roleField = z.enum(['owner', 'member']);

const memberBody = z.object({
  user_id: z.string(),
  role: roleField,
  email: z.string().nullable(),
  name: z.string().nullable(),
  joined_at: instantText,
  limits: z.array(limitBody).describe('What the account lets this person use, and what is used of it.'),
});
export type MemberBody = z.output<typeof memberBody>;

const invitationBody = z.object({ id: z.string(), email: z.string().nullable(), expires_at: instantText });

export const membersBody = z.object({ members: z.array(memberBody), invitations: z.array(invitationBody) });
export type MembersBody = z.output<typeof membersBody>;

export const inviteBody = z.strictObject({
  email: z.email('must be an e-mail address').max(MAX_EMAIL).describe('Only whoever signs in with it can accept.'),
});

export const invitedBody = invitationBody.extend({
  token: z
    .string()
    .nullable()
    .describe('Shown this once. Give it to whom it is for. Null where the answer is told again.'),
});
export type InvitedBody = z.output<typeof invitedBody>;

export const changeMemberBody = z.strictObject({ role: roleField });
export const changedMemberBody = z.object({ user_id: z.string(), role: roleField });
export type ChangedMemberBody = z.output<typeof changedMemberBody>;

export const setMemberLimitBody = z.strictObject({
  amount: creditAmount.nullable().describe('Null takes the limit away.'),
  period: z.enum(COUNTER_PERIODS).default('billing_period'),
});
export type SetMemberLimit = z.output<typeof setMemberLimitBody>;
export const memberLimitBody = z.object({ user_id: z.string(), limits: z.array(limitBody) });
export type MemberLimitBody = z.output<typeof memberLimitBody>;

export const acceptBody = z.strictObject({ token: nameText(MAX_TOKEN) });
export const acceptedBody = z.object({ account_id: z.string(), role: roleField });
export type AcceptedBody = z.output<typeof acceptedBody>;

export function toInvitationBody({ id, email, expiresAt }: Invitation): z.output<typeof invitationBody> {
  return { id, email, expires_at: instantToText(expiresAt) };
}

export function toMemberBody(
  { userId, joinedAt, ...rest }: Member,
  limits: ReadonlyMap<string, MemberBody['limits']>,
): MemberBody {
  return { user_id: userId, ...rest, joined_at: instantToText(joinedAt), limits: limits.get(userId) ?? [] };
}
