// Activities room. What whoever reported is told of a case: the states that concern them, as a notice and as mail. Of
// what came back each is told what came back to them: a visitor's credits are no news for the owner, nor the other way.
import type { MicroCredits, ReviewState } from '@fairmeter/domain';
import { accountScope, add, endUserScope, formatCredits, ZERO } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { MailTo, NoticeFacts, ReviewCase } from '@fairmeter/records';
import { announce, readDuplicatesOf } from '@fairmeter/records';

/** What lies between two people of the staff is told when it has come to something. */
const TOLD: ReadonlySet<ReviewState> = new Set([
  'submitted',
  'needs_info',
  'analysing',
  'notified',
  'closed',
  'closed_not_confirmed',
  'closed_stale',
  'reopened',
]);

/** What concerns whoever reported the same thread beside it; details are asked of the first reporter alone. */
const TOLD_TO_ALL: ReadonlySet<ReviewState> = new Set(['notified', 'closed', 'closed_not_confirmed', 'closed_stale']);

/** What came back, by the scope that had paid. */
export type Returned = ReadonlyMap<string, MicroCredits>;

/** The last thing of its transaction. Once for each time that the case comes to a state. */
export async function tellReview(tx: EntityManager, review: ReviewCase, returned?: Returned): Promise<void> {
  const { id, state } = review;
  if (!TOLD.has(state)) return;
  const facts = { state, ...(review.tips.length === 0 ? {} : { advice: [...review.tips] }) };
  const turn = turnOf(review);
  // Of a case that has ended by their absence nothing is needed any more.
  const needs = state === 'needs_info' ? { needs: [...review.missing] } : {};
  await tellReporter(tx, review, { facts: { ...facts, ...needs }, turn, returned });
  if (!TOLD_TO_ALL.has(state)) return;
  const others = new Map((await readDuplicatesOf(tx, id)).map((other) => [other.reporter.id, other]));
  for (const [reporter, other] of others) {
    if (reporter === null || reporter === review.reporter.id) continue;
    await tellReporter(tx, other, { facts: { ...facts, duplicate_of: id }, turn, returned });
  }
}

interface Told {
  readonly facts: NoticeFacts & { readonly state: ReviewState };
  readonly turn: string;
  readonly returned: Returned | undefined;
}

async function tellReporter(tx: EntityManager, review: ReviewCase, { facts, turn, returned }: Told): Promise<void> {
  const { id, accountId, reporter, thread, language } = review;
  const isVisitor = reporter.kind === 'visitor' && thread !== null && reporter.id !== null;
  const visitor = isVisitor ? { botId: thread.botId, visitorId: reporter.id } : null;
  const mailTo = mailOf(review);
  await announce(tx, {
    accountId,
    visitor,
    type: 'review.changed',
    about: id,
    facts: { case_id: id, ...facts, ...(returned === undefined ? {} : creditsOf(review, returned)) },
    onceKey: `review/${id}/${facts.state}/${turn}`,
    language,
    ...(mailTo === undefined ? {} : { mailTo }),
  });
}

/** What is told as added is the reader's own to use; that something went to others is said without a figure. */
function creditsOf({ accountId, reporter, thread }: ReviewCase, returned: Returned): NoticeFacts {
  const isVisitor = reporter.kind === 'visitor' && thread !== null && reporter.id !== null;
  const scope = isVisitor ? endUserScope(thread.botId, reporter.id) : accountScope(accountId);
  const own = returned.get(scope) ?? ZERO;
  const all = add(ZERO, ...returned.values());
  const toOthers = own === all ? {} : { returned_to: isVisitor ? 'owner' : 'visitor' };
  return own === ZERO && own !== all ? toOthers : { credits: formatCredits(own), kind: 'compensation', ...toOthers };
}

/** Tells one coming to a state from the next one to the same state: an answer on the same day moves no target. */
function turnOf({ state, missing, infoUntil, dueAt, reopenedAt, restored, wordsRef }: ReviewCase): string {
  const asked = state === 'needs_info' ? missing : [];
  return [infoUntil ?? 0, dueAt ?? 0, reopenedAt ?? 0, restored, wordsRef ?? '', ...asked].join('-');
}

/** A report by mail is of the person whose address it came from. Of a visitor no address is known. */
function mailOf({ reporter }: ReviewCase): MailTo | undefined {
  if (reporter.kind === 'person' && reporter.id !== null) return { to: 'person', userId: reporter.id };
  return reporter.kind === 'platform' ? { to: 'owner' } : undefined;
}
