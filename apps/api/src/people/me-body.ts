// API room. Who is signed in, and in which accounts.
import { ACCOUNT_STATUSES, instant, instantToText } from '@fairmeter/domain';
import { z } from 'zod';
import { csrfTokenOf } from '../auth/session-cookie.js';
import type { SignedIn } from '../callers/people.js';
import { instantText } from '../jobs/job-body.js';

export const meBody = z.object({
  user_id: z.string(),
  email: z.string().nullable().describe('As the issuer has verified it.'),
  name: z.string().nullable(),
  staff: z.enum(['support', 'admin']).nullable(),
  accounts: z.array(
    z.object({
      account_id: z.string(),
      name: z.string(),
      role: z.enum(['owner', 'member']),
      status: z.enum(ACCOUNT_STATUSES),
    }),
  ),
  session: z
    .object({
      expires_at: instantText,
      csrf_token: z.string().describe('For the header Fairmeter-CSRF of each request that changes something.'),
    })
    .nullable()
    .describe('Null for whoever came with a token.'),
});
export type MeBody = z.output<typeof meBody>;

export function toMeBody({ person, staffRole, session }: SignedIn): MeBody {
  return {
    user_id: person.userId,
    email: person.email,
    name: person.name,
    staff: staffRole,
    accounts: person.accounts.map(({ accountId, name, role, status }) => ({
      account_id: accountId,
      name,
      role,
      status,
    })),
    session:
      session === null
        ? null
        : { expires_at: instantToText(instant(session.expiresAt)), csrf_token: csrfTokenOf(session.token) },
  };
}
