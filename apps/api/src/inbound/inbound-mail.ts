// API room. Mail about usage reviews. One that reports high use opens the same kind of review as the form, and one that
// answers a review is joined to it. Whose a report is its addresses say; of one that nobody has, the account's address
// is asked for. An answer is its sender's alone. Nothing of a mail that belongs to nobody is kept, nor of one that is
// not from whom it names, nor of one too many.
import { createHash } from 'node:crypto';
import type { ReportedDetails, SenderVerdict } from '@fairmeter/domain';
import {
  addressesOfMail,
  detailsOfMail,
  isAutomaticMail,
  isReviewSubject,
  mailHeader,
  missingDetails,
  ownWordsOf,
  reviewsNamedBy,
  senderOfMail,
  verdictOfSender,
  withDetails,
} from '@fairmeter/domain';
import type { ApiConfig, InboundMailSettings } from '@fairmeter/platform';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { ReviewCase, ReviewedThread } from '@fairmeter/records';
import { findAccountsOfAddresses } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { PersonCaller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import type { MailedAnswer } from '../reviews/review-answers.js';
import { ReviewAnswers } from '../reviews/review-answers.js';
import { ReviewDesk } from '../reviews/review-desk.js';
import { findThread } from '../reviews/thread-search.js';
import { freeText, fileText } from '../requests/texts.js';
import { Rates } from '../requests/rates.js';
import { API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import { languageOf } from '../wording/accept-language.js';
import type { Language } from '../wording/catalogue.js';
import type { MailReply } from './mail-replies.js';
import { answersReply, mailReplyBody, replyTo } from './mail-replies.js';

const MAX_TEXT = 100_000;
const MAX_LINE = 1_000;
const MAX_HEADER = 20_000;

/** Only read, never kept; most of them are not even read, and none is a reason to lose the mail. */
const header = z.string().transform((text) => text.slice(0, MAX_HEADER));

const check = z
  .string()
  .transform((text) => text.slice(0, MAX_LINE))
  .nullish();

export const inboundMailBody = z.object({
  message_id: freeText(MAX_LINE).describe('Of the mail: the same one again is the same review, or the same answer.'),
  from: freeText(MAX_LINE),
  subject: fileText(MAX_LINE),
  text: fileText(MAX_TEXT).describe('Its plain text.'),
  headers: z
    .record(z.string(), z.union([header, z.array(z.string()).transform((all) => all.join(' ').slice(0, MAX_HEADER))]))
    .default({})
    .describe('Its headers: what it answers, whether a program wrote it, and its language are read.'),
  authentication: z
    .object({ dmarc: check, spf: check, dkim: check })
    .nullish()
    .describe('What the gateway itself has found of its sender: `pass`, `fail`, `none` and so on.'),
});
type InboundMail = z.output<typeof inboundMailBody>;

export const inboundAnswerBody = z.object({
  outcome: z.enum(['review', 'address_needed', 'not_authenticated', 'ignored']),
  review_id: z.string().nullable(),
  missing: z.array(z.string()).describe('Details that are asked for by mail.'),
  reply: mailReplyBody.nullable().describe('For the gateway to send back, where no mail of ours tells of it.'),
});
export type InboundAnswer = z.output<typeof inboundAnswerBody>;

const IGNORED: InboundAnswer = { outcome: 'ignored', review_id: null, missing: [], reply: null };
const ADDRESS_NEEDED: InboundAnswer = { ...IGNORED, outcome: 'address_needed' };
/** Without a reply: it would go to somebody who perhaps wrote nothing. */
const NOT_AUTHENTICATED: InboundAnswer = { ...IGNORED, outcome: 'not_authenticated' };

@Injectable()
export class InboundMailDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly desk: ReviewDesk,
    private readonly answers: ReviewAnswers,
    private readonly rates: Rates,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async take(mail: InboundMail, settings: InboundMailSettings): Promise<InboundAnswer> {
    const { message_id: messageId, subject, headers } = mail;
    const references = [mailHeader(headers, 'In-Reply-To'), mailHeader(headers, 'References')].join(' ');
    const named = reviewsNamedBy(subject, references);
    const isReport = isReviewSubject(subject);
    if (isAutomaticMail({ messageId, headers }) || !(isReport || named.length > 0)) return IGNORED;
    const verdict = verdictOfSender(mail.authentication ?? {});
    if (verdict === 'failed' || (settings.needsPass && verdict !== 'passed')) return NOT_AUTHENTICATED;
    const sender = senderOfMail(mail.from);
    const senders = await this.peopleOf(sender === undefined ? [] : [sender]);
    const key = createHash('sha256').update(`mail\n${messageId}`).digest('hex');
    const before = await this.answers.heardBefore(senders, key);
    if (before !== null) return told(before);
    const read = { mail, sender, verdict, settings, senders, named, key };
    const answer = await (isReport ? this.report(read) : this.answer(read));
    const { reply } = answer;
    if (reply === null || (!answersReply(references) && (await this.mayReply(reply, settings)))) return answer;
    return { ...answer, reply: null };
  }

  private async answer(read: ReadMail): Promise<InboundAnswer> {
    const { mail, senders, named, key } = read;
    const meant = await this.answers.meant(senders, named);
    if (meant !== null) return this.hear(read, { ...meant, key, text: mail.text });
    return { ...ADDRESS_NEEDED, reply: replyTo(read, 'not_matched', { language: languageOfMail(mail) }) };
  }

  private async report(read: ReadMail): Promise<InboundAnswer> {
    const { mail, settings, senders, key } = read;
    // Who else is named in a mail is proved by nothing.
    const others = settings.needsPass ? [] : addressesOfMail(mail);
    const people = senders.length > 0 ? senders : await this.peopleOf(others);
    const details = detailsOfMail(mail.text);
    const caller = await this.whose(people, details.thread ?? '');
    const language = languageOfMail(mail);
    if (caller === undefined) {
      const asks = settings.needsPass ? 'own_address_needed' : 'address_needed';
      return { ...ADDRESS_NEEDED, reply: replyTo(read, asks, { language }) };
    }
    // Whoever names an address may report for it, and answers for nobody.
    const answered = senders.length === 0 ? null : await this.answered(caller, read);
    if (answered !== null) return this.hear(read, { ...answered, key, text: mail.text });
    if (!(await this.desk.hasReport(caller, key))) await this.takeRates(read, caller);
    const asked = { caller, requestId: newId('req'), language };
    return told(await this.desk.place(asked, { channel: 'mail', details, key, bodyHash: key }));
  }

  private async hear(read: ReadMail, answer: MailedAnswer): Promise<InboundAnswer> {
    const heard = await this.answers.hear(answer);
    if (heard === null) return IGNORED;
    const { review, tells } = heard;
    if (tells === null) return told(review);
    return { ...told(review), reply: replyTo(read, tells, { language: review.language, caseId: review.id }) };
  }

  /** How many reviews may be begun from one address, and in the name of one account. */
  private async takeRates(
    { mail, sender, verdict, settings: of }: ReadMail,
    { accountId }: PersonCaller,
  ): Promise<void> {
    // What anybody can send in somebody's name is counted apart from what is known to be theirs.
    const pool = `mail/${verdict}`;
    const ofSender = `${pool}/${hiddenOf(this.config, 'sender', sender ?? mail.from)}`;
    await this.rates.take(
      { per: 'sender', name: ofSender, most: of.reviewsOfSenderPerHour, within: 'hour' },
      { per: 'account', name: `${pool}/${accountId}`, most: of.reviewsOfAccountPerHour, within: 'hour' },
    );
  }

  /** Anybody can name any address as their own: whoever has it is sent so many replies an hour, and then none. */
  private async mayReply({ to }: MailReply, of: InboundMailSettings): Promise<boolean> {
    // What stands behind a plus sign is the same mailbox.
    const mailbox = to.replace(/\+[^@]*(?=@)/, '');
    const name = `reply/${hiddenOf(this.config, 'sender', mailbox)}`;
    return this.rates.takeIfFree({ per: 'sender', name, most: of.reviewsOfSenderPerHour, within: 'hour' });
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

  /**
   * A mail with the subject of a report answers an earlier one where it refers to that, or names its thread, or makes
   * it whole and names no other thread; else it reports something new.
   */
  private async answered(caller: PersonCaller, read: ReadMail): Promise<MeantReview | null> {
    const { mail, senders, named, key } = read;
    const details = detailsOfMail(mail.text);
    const { rows } = await this.desk.list({ ...caller, role: 'member' }, { limit: 20 });
    if (rows.some(({ bodyHash }) => bodyHash === key)) return null;
    const found = await this.threadOf(caller, details.thread ?? '');
    const thread = found === 'several' ? null : found;
    // Whoever names no thread may mean a case of any account of theirs.
    const meant = await this.waiting(thread === null ? senders : [caller], { named, thread });
    if (meant !== null) return meant;
    const own = detailsOfMail(ownWordsOf(mail.text));
    const awaiting = rows.filter((row) => row.channel === 'mail' && mayAnswer(row, thread));
    const wouldBeWhole = awaiting.filter((row) => isWholeWith(row, own));
    const review =
      thread === null
        ? wouldBeWhole.find((row) => row.thread !== null)
        : (awaiting.find((row) => row.thread !== null) ?? wouldBeWhole[0]);
    return review === undefined ? null : { caller, review };
  }

  /** The first of the named ones that waits for an answer of one of these people. */
  private async waiting(
    callers: readonly PersonCaller[],
    { named, thread }: { readonly named: readonly string[]; readonly thread: ReviewedThread | null },
  ): Promise<MeantReview | null> {
    for (const id of named) {
      const meant = await this.answers.meant(callers, [id]);
      if (meant !== null && mayAnswer(meant.review, thread)) return meant;
    }
    return null;
  }
}

type MeantReview = Pick<MailedAnswer, 'caller' | 'review'>;

interface ReadMail {
  readonly mail: InboundMail;
  /** Undefined where it is not plain who that is: then nobody is written to. */
  readonly sender: string | undefined;
  /** On whether it is from whom it names. */
  readonly verdict: SenderVerdict;
  readonly settings: InboundMailSettings;
  /** Those whose address it was sent from. */
  readonly senders: readonly PersonCaller[];
  /** Reviews that it refers to, whosoever they are. */
  readonly named: readonly string[];
  readonly key: string;
}

/** It waits for one, and the mail names no thread that is another one. */
function mayAnswer({ state, thread }: ReviewCase, named: ReviewedThread | null): boolean {
  return state === 'needs_info' && (named === null || thread === null || isSame(thread, named));
}

function isWholeWith({ reported }: ReviewCase, said: ReportedDetails): boolean {
  return missingDetails(withDetails(reported ?? {}, said)).length === 0;
}

function languageOfMail({ headers }: InboundMail): Language {
  return languageOf(mailHeader(headers, 'Content-Language') || mailHeader(headers, 'Accept-Language'));
}

function isSame(one: ReviewedThread, other: ReviewedThread): boolean {
  return one.botId === other.botId && (one.threadId ?? one.jobId) === (other.threadId ?? other.jobId);
}

function told({ id, state, missing }: ReviewCase): InboundAnswer {
  return { outcome: 'review', review_id: id, missing: state === 'needs_info' ? [...missing] : [], reply: null };
}
