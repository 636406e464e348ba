// API room. Whoever thinks that a thread cost too much reports it, completes the report, and may have a closed review
// opened again once. The report is written here, in the account's own transaction; all that follows is the workflow's.
import type { ReviewWord } from '@fairmeter/contracts';
import type { ReportedDetails } from '@fairmeter/domain';
import { missingDetails, withDetails } from '@fairmeter/domain';
import { hasJobsSince } from '@fairmeter/ledger/reads';
import type { ApiConfig } from '@fairmeter/platform';
import type { EntityManager, Tenant } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { NoticeLanguage, ReviewCase, ReviewedThread } from '@fairmeter/records';
import {
  addReviewCase,
  findReview,
  findOpenReviewOfThread,
  findReviewByKey,
  findReviewOfThread,
  keepReason,
  readReviews,
  writeAudit,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { actorOf, jobCallerOf, tenantOf } from '../callers/caller.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { callerName, keyHash } from '../jobs/admission-hashes.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import type { PageAsked, PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import { API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import { FAULTS } from '../wording/fault-words.js';
import type { ReportReview, ReviewViewer } from './review-body.js';
import { ReviewTalk } from './review-talk.js';
import type { Reporter } from './thread-search.js';
import { findBooks, findThread } from './thread-search.js';

export interface AskedByReporter {
  readonly caller: Reporter;
  readonly requestId: string;
  /** In which mails about it are to be; undefined where nothing tells. */
  readonly language?: NoticeLanguage;
}

/** A report with all that is known of it by now. */
export interface Report {
  readonly channel: 'form' | 'mail';
  readonly details: ReportedDetails;
  /** Under which name it is made once; of a mail that of the mail. */
  readonly key: string;
  readonly bodyHash: string;
}

const REVIEWS = 'reviews';

@Injectable()
export class ReviewDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly talk: ReviewTalk,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** The same key and body again find the review as it is now. */
  async report(asked: AskedByReporter, idempotencyKey: Uint8Array, body: ReportReview): Promise<ReviewCase> {
    const { caller } = asked;
    const owner = { accountId: caller.accountId, botId: REVIEWS };
    // What is kept of the body outlives its words: by it no guess at them can be confirmed.
    const bodyHash = hiddenOf(this.config, 'request', hashOfAsked(body));
    const key = keyHash(owner, idempotencyKey, callerName(jobCallerOf(caller)));
    return this.place(asked, { channel: 'form', details: body, key, bodyHash });
  }

  async place(asked: AskedByReporter, report: Report): Promise<ReviewCase> {
    const tenant = await this.inBooksOf(asked.caller, report.details);
    const placed = await againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => {
        const before = await findReviewByKey(tx, report.key);
        if (before === null) return add(tx, { ...asked, accountId: tenant.accountId }, report);
        if (before.bodyHash !== report.bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
        return before;
      }),
    );
    if (placed.state !== 'submitted' && placed.state !== 'needs_info') return placed;
    await this.talk.open(placed.id);
    return this.find(asked.caller, placed.id);
  }

  /** Whether this report was made before: by whoever hands it on again. */
  async hasReport(caller: Reporter, key: string): Promise<boolean> {
    return this.database.asTenant(tenantOf(caller), async (tx) => (await findReviewByKey(tx, key)) !== null);
  }

  async list(caller: Reporter, asked: PageAsked): Promise<PageOf<ReviewCase>> {
    const accountId = caller.kind === 'visitor' ? null : caller.accountId;
    const reporterId = caller.role === 'owner' ? null : idOf(caller);
    return newestFirst(REVIEWS, asked, async (page) =>
      this.database.asTenant(tenantOf(caller), async (tx) => readReviews(tx, { accountId, reporterId, ...page })),
    );
  }

  async find(caller: Reporter, id: string): Promise<ReviewCase> {
    const found = await this.database.asTenant(tenantOf(caller), async (tx) => findReview(tx, id));
    const isShown = found !== null && (caller.role === 'owner' || found.reporter.id === idOf(caller));
    if (!isShown) throw noSuchReview();
    return found;
  }

  /** Null where there is none in which this caller may speak as whoever reported it. */
  async seek(caller: Reporter, id: string): Promise<ReviewCase | null> {
    const found = await this.database.asTenant(tenantOf(caller), async (tx) => findReview(tx, id));
    return found !== null && isOwn(caller, found) ? found : null;
  }

  /** Details that were missing, with those that were there; what is still missing is named. */
  async inform(asked: AskedByReporter, id: string, said: Said<ReportedDetails>): Promise<ReviewCase> {
    const { caller } = asked;
    const review = await this.findOwn(caller, id);
    const details = withDetails(review.reported ?? {}, said.body);
    const { language = review.language } = asked;
    mustBeWhole(details);
    const { accountId } = review;
    const wordsRef = await this.database.asTenant({ ...tenantOf(caller), accountId }, async (tx) => {
      const thread = review.thread ?? (await mustFind(tx, caller, details));
      const text = JSON.stringify({ details, thread, language });
      return keepReason(tx, accountId, { subject: idOf(caller), text });
    });
    return this.say(asked, review, { word: { says: 'inform', wordsRef }, name: said.name });
  }

  async reopen(asked: AskedByReporter, id: string, said: Said<string>): Promise<ReviewCase> {
    const { caller } = asked;
    const review = await this.findOwn(caller, id);
    const { accountId } = review;
    const wordsRef = await this.database.asTenant({ ...tenantOf(caller), accountId }, async (tx) =>
      keepReason(tx, accountId, { subject: idOf(caller), text: said.body }),
    );
    return this.say(asked, review, { word: { says: 'reopen', wordsRef }, name: said.name });
  }

  /** What is reported belongs to the account that has its jobs in its books: the bot may have moved since. */
  private async inBooksOf(caller: Reporter, { thread = '' }: ReportedDetails): Promise<Tenant> {
    const tenant = tenantOf(caller);
    if (caller.kind !== 'visitor') return tenant;
    const accountId = await this.database.asTenant(tenant, async (tx) => findBooks(tx, caller, thread));
    return { ...tenant, accountId };
  }

  private async findOwn(caller: Reporter, id: string): Promise<ReviewCase> {
    const review = await this.find(caller, id);
    if (!isOwn(caller, review)) throw new ProblemError('forbidden', 'Only whoever reported it may do this.');
    return review;
  }

  private async say(asked: AskedByReporter, review: ReviewCase, { word, name }: Saying): Promise<ReviewCase> {
    const { caller, requestId } = asked;
    await this.talk.say(review.id, { ...word, actor: actorOf(caller), requestId }, name ?? requestId);
    return this.find(caller, review.id);
  }
}

export interface Said<Body> {
  readonly body: Body;
  /** The Idempotency-Key; undefined: each request is one of its own. */
  readonly name: string | undefined;
}

interface Saying {
  readonly word: Pick<Extract<ReviewWord, { says: 'inform' | 'reopen' }>, 'says' | 'wordsRef'>;
  readonly name: string | undefined;
}

/** Whoever reported; what the platform reported is the owners'. */
function isOwn(caller: Reporter, { reporter }: ReviewCase): boolean {
  return reporter.id === idOf(caller) || (reporter.id === null && caller.role === 'owner');
}

export function viewerOf(caller: Reporter, review: ReviewCase): ReviewViewer {
  if (caller.kind === 'visitor') return 'visitor';
  return review.reporter.id === caller.userId ? 'reporter' : 'others';
}

interface InBooks extends AskedByReporter {
  /** In whose books it is: the tenant of the transaction. */
  readonly accountId: string;
}

async function add(tx: EntityManager, asked: InBooks, report: Report): Promise<ReviewCase> {
  const { caller, requestId, language, accountId } = asked;
  const { channel, key, bodyHash, details } = report;
  const thread = channel === 'form' ? await mustFind(tx, caller, details) : await threadOfMail(tx, caller, details);
  const first = thread === null ? null : await firstOf(tx, accountId, thread);
  const missing = missingDetails(thread === null ? { ...details, thread: '' } : details);
  const id = newId('rvw');
  const wordsRef = await keepReason(tx, accountId, {
    subject: idOf(caller),
    text: JSON.stringify({ details, thread, language }),
  });
  const state = first !== null ? 'duplicate' : missing.length > 0 ? 'needs_info' : 'submitted';
  const reporter = { kind: caller.kind, id: idOf(caller) } as const;
  const kept = { id, accountId, thread, channel, reporter, missing, state, wordsRef, keyHash: key, bodyHash } as const;
  if (!(await addReviewCase(tx, { ...kept, duplicateOf: first }))) throw new Error('a review could not be added');
  await writeAudit(tx, {
    accountId,
    actor: actorOf(caller),
    action: 'review.reported',
    targetId: id,
    before: null,
    after: { state, channel, duplicate_of: first },
    reason: { ref: wordsRef },
    requestId,
  });
  const added = await findReview(tx, id);
  if (added === null) throw new Error('a review was added and is not there to read');
  return added;
}

/** A thread that went on after its review was closed is looked at anew. */
async function firstOf(tx: EntityManager, accountId: string, thread: ReviewedThread): Promise<string | null> {
  const open = await findOpenReviewOfThread(tx, thread);
  if (open !== null) return open;
  const first = await findReviewOfThread(tx, accountId, thread);
  if (first === null) return null;
  const { id, closedAt } = first;
  return closedAt !== null && (await hasJobsSince(tx, { ...thread, accountId }, closedAt)) ? null : id;
}

async function threadOfMail(
  tx: EntityManager,
  caller: Reporter,
  { thread = '' }: ReportedDetails,
): Promise<ReviewedThread | null> {
  const found = await findThread(tx, caller, thread);
  return found === 'several' ? null : found;
}

async function mustFind(
  tx: EntityManager,
  caller: Reporter,
  { thread = '' }: ReportedDetails,
): Promise<ReviewedThread> {
  const found = await findThread(tx, caller, thread);
  if (found !== null && found !== 'several') return found;
  const message = found === null ? FAULTS.no_thread : FAULTS.several_threads;
  throw validationFailed([{ pointer: '/thread', message }]);
}

function mustBeWhole(details: ReportedDetails): void {
  const missing = missingDetails(details);
  if (missing.length === 0) return;
  throw validationFailed(missing.map((detail) => ({ pointer: `/${detail}`, message: FAULTS.still_missing })));
}

function idOf(caller: Reporter): string {
  return tenantOf(caller).subject;
}

export function noSuchReview(): ProblemError {
  return new ProblemError('review_not_found', 'There is no such review.');
}
