// API room. A mail that reports high use opens the same kind of review as the form. Whose it is its addresses say; of
// one that nobody has, the account's address is asked for, and nothing of such a mail is kept.
import { createHash } from 'node:crypto';
import type { ReportedDetails } from '@fairmeter/domain';
import {
  addressesOfMail,
  detailsOfMail,
  isReviewSubject,
  missingDetails,
  REVIEW_SUBJECT,
  withDetails,
} from '@fairmeter/domain';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { ReviewCase, ReviewedThread } from '@fairmeter/records';
import { findAccountsOfAddresses } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { PersonCaller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { ReviewDesk } from '../reviews/review-desk.js';
import { findThread } from '../reviews/thread-search.js';
import { freeText, fileText } from '../requests/texts.js';

const MAX_TEXT = 100_000;
const MAX_LINE = 1_000;

export const inboundMailBody = z.object({
  message_id: freeText(MAX_LINE).describe('Of the mail: the same one again is the same review.'),
  from: freeText(MAX_LINE),
  subject: fileText(MAX_LINE),
  text: fileText(MAX_TEXT).describe('Its plain text.'),
});
type InboundMail = z.output<typeof inboundMailBody>;

export const inboundAnswerBody = z.object({
  outcome: z.enum(['review', 'address_needed', 'ignored']),
  review_id: z.string().nullable(),
  missing: z.array(z.string()).describe('Details that are asked for by mail.'),
  reply: z
    .object({ to: z.string(), subject: z.string(), text: z.string() })
    .nullable()
    .describe('For the gateway to send back, where nobody here knows the address.'),
});
export type InboundAnswer = z.output<typeof inboundAnswerBody>;

const IGNORED: InboundAnswer = { outcome: 'ignored', review_id: null, missing: [], reply: null };

@Injectable()
export class InboundMailDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly desk: ReviewDesk,
  ) {}

  async take(mail: InboundMail): Promise<InboundAnswer> {
    if (!isReviewSubject(mail.subject)) return IGNORED;
    // Before an address in angle brackets stands a name, which may look like another address.
    const senders = await this.peopleOf(addressesOfMail({ from: mail.from, text: '' }).slice(-1));
    const people = senders.length > 0 ? senders : await this.peopleOf(addressesOfMail(mail));
    const details = detailsOfMail(mail.text);
    const caller = await this.whose(people, details.thread ?? '');
    if (caller === undefined) return addressNeeded(mail);
    const key = createHash('sha256').update(`mail\n${mail.message_id}`).digest('hex');
    const asked = { caller, requestId: newId('req') };
    // Whoever names an address may report for it, and answers for nobody.
    const awaiting = senders.length === 0 ? undefined : await this.awaiting(caller, { details, key });
    if (awaiting !== undefined && missingDetails(withDetails(awaiting.reported ?? {}, details)).length === 0) {
      return told(await this.desk.inform(asked, awaiting.id, { body: details, name: key }));
    }
    return told(await this.desk.place(asked, { channel: 'mail', details, key, bodyHash: key }));
  }

  private async peopleOf(addresses: readonly string[]): Promise<readonly PersonCaller[]> {
    const known = await this.database.beforeTenant(async (tx) => findAccountsOfAddresses(tx, addresses));
    return known.map((one): PersonCaller => ({ kind: 'person', ...one }));
  }

  /** Of somebody who is in several accounts the one whose thread is meant, else the first. */
  private async whose(people: readonly PersonCaller[], link: string): Promise<PersonCaller | undefined> {
    for (const caller of people.length > 1 ? people : []) {
      if ((await this.threadOf(caller, link)) !== null) return caller;
    }
    return people[0];
  }

  private async threadOf(caller: PersonCaller, link: string): Promise<Awaited<ReturnType<typeof findThread>>> {
    return this.database.asTenant(tenantOf(caller), async (tx) => findThread(tx, caller, link));
  }

  /** An answer to what was asked about an earlier mail completes that one, unless it is about another thread. */
  private async awaiting(
    caller: PersonCaller,
    { details, key }: { readonly details: ReportedDetails; readonly key: string },
  ): Promise<ReviewCase | undefined> {
    const { rows } = await this.desk.list({ ...caller, role: 'member' }, { limit: 20 });
    const found = await this.threadOf(caller, details.thread ?? '');
    const named = found === 'several' ? null : found;
    const awaiting = rows.filter((row) => row.state === 'needs_info' && row.channel === 'mail' && row.bodyHash !== key);
    if (named === null) return awaiting.find(({ thread }) => thread !== null);
    return awaiting.find(({ thread }) => isSame(thread, named)) ?? awaiting.find(({ thread }) => thread === null);
  }
}

function isSame(one: ReviewedThread | null, other: ReviewedThread): boolean {
  return one?.botId === other.botId && (one.threadId ?? one.jobId) === (other.threadId ?? other.jobId);
}

function told({ id, state, missing }: ReviewCase): InboundAnswer {
  return { outcome: 'review', review_id: id, missing: state === 'needs_info' ? [...missing] : [], reply: null };
}

function addressNeeded({ from, subject }: InboundMail): InboundAnswer {
  const text =
    'We do not know this address. Please write again, from the address that you sign in with or with that address ' +
    `in the text, and keep the subject: ${REVIEW_SUBJECT}.`;
  return {
    outcome: 'address_needed',
    review_id: null,
    missing: [],
    reply: { to: from, subject: `Re: ${subject.replace(/[\r\n]+/g, ' ')}`, text },
  };
}
