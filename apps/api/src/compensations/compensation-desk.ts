// API room. Staff look at what a compensation would come to, ask for it, and decide on it. Rows with what was asked are
// written here; finding jobs, posting and deciding are the workflow's.
import type { CompensationDecision, CompensationInput } from '@fairmeter/contracts';
import {
  COMPENSATION_WORKFLOW,
  compensationUpdate,
  compensationWorkflowId,
  decideCompensationUpdate,
} from '@fairmeter/contracts';
import type { CompensationTarget, GrantVerdict } from '@fairmeter/domain';
import { cameTooLate, mayDecideCompensation, namesOneJob, ZERO } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { CompensationRecord } from '@fairmeter/records';
import {
  askForPreviewed,
  findCompensation,
  findCompensationByKey,
  findIncident,
  findLoopForStaff,
  keepReason,
  OF_NO_ACCOUNT,
  readCompensationTotals,
  saveNewCompensation,
  staffSubject,
  touchesAccountOf,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { StaffCaller } from '../callers/caller.js';
import { inNoAccount } from '../callers/caller.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import type { AskedByStaff } from '../grants/grant-desk.js';
import { noSuchLoop } from '../loops/loop-id.js';
import { AdmissionClient, AdmissionUnknown, JobNotUnderWay, refusalOf } from '../jobs/admission-client.js';
import { keyHash } from '../jobs/admission-hashes.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { AskCompensation, ToldCompensation } from './compensation-body.js';
import { targetOf } from './compensation-body.js';
import { CompensationReader, noSuchCompensation } from './compensation-reader.js';

export interface CompensationOrder {
  readonly idempotencyKey: Uint8Array;
  readonly body: AskCompensation;
}

export interface CompensationWord {
  readonly compensationId: string;
  readonly verdict: GrantVerdict;
  readonly reason: string;
}

@Injectable()
export class CompensationDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    private readonly reader: CompensationReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** Moves nothing. A large one is still `previewing` when this answers, and so is one that nobody could begin yet. */
  async preview({ staff, requestId }: AskedByStaff, target: CompensationTarget): Promise<ToldCompensation> {
    const id = newId('cps');
    const fresh = { id, target, askedBy: { id: staff.userId, role: staff.role }, requestId, asked: null };
    await this.database.asTenant(inNoAccount(staff), async (tx) => {
      await mustBeThere(tx, target);
      await saveNewCompensation(tx, fresh);
    });
    await this.lookAt({ compensationId: id, askedById: staff.userId, previewOnly: true });
    return mustFindJobs(await this.reader.find(staff, id));
  }

  /** The same key and body again find the compensation as it is now. */
  async ask(asked: AskedByStaff, order: CompensationOrder): Promise<ToldCompensation> {
    const placed = await this.place(asked, order);
    await this.carryOut(placed);
    const told = mustFindJobs(await this.reader.find(asked.staff, placed.id));
    const { record, totals } = told;
    if (record.state === 'rejected' && totals.foreseen === 0n) throw nothingRefundable();
    if (cameTooLate(record, totals)) throw nothingRefundable();
    return told;
  }

  /** One that stands in its row, by whichever desk: asked for again it goes on where it is. */
  async carryOut({ id, askedBy, endedAt }: Pick<CompensationRecord, 'id' | 'askedBy' | 'endedAt'>): Promise<void> {
    if (endedAt !== null) return;
    await this.inTime(async () => this.begin({ compensationId: id, askedById: askedBy.id, previewOnly: false }));
  }

  /** Once for each: saying it again comes to the same. */
  async decide(asked: AskedByStaff, word: CompensationWord): Promise<ToldCompensation> {
    const { staff } = asked;
    const { record } = await this.reader.find(staff, word.compensationId);
    if (wasSaidBefore(record, staff, word.verdict)) return this.reader.find(staff, record.id);
    if (record.state !== 'requested') throw decidedBefore(record);
    const by = { id: staff.userId, role: staff.role };
    if (!mayDecideCompensation(record.askedBy.id, word.verdict, by)) {
      throw refusalProblem({ code: 'second_person_needed' }, 0);
    }
    const reasonRef = await this.database.asTenant(inNoAccount(staff), async (tx) => {
      if (word.verdict === 'approve' && (await touchesAccountOf(tx, record.id, staff.userId))) {
        throw new ProblemError('forbidden', 'Nobody of the staff does this for an account of their own.');
      }
      return keep(tx, staff, word.reason);
    });
    await this.tell(record, { verdict: word.verdict, by, reasonRef, requestId: asked.requestId });
    const decided = await this.reader.find(staff, record.id);
    if (wasSaidBefore(decided.record, staff, word.verdict)) return decided;
    throw decidedBefore(decided.record);
  }

  private async place(asked: AskedByStaff, { idempotencyKey, body }: CompensationOrder): Promise<CompensationRecord> {
    const { staff, requestId } = asked;
    const who = { accountId: OF_NO_ACCOUNT, botId: 'compensations' };
    const key = keyHash(who, idempotencyKey, staffSubject(staff.userId));
    // A reason is somebody's words: what is left of it confirms no guess of them.
    const bodyHash = hiddenOf(this.config, 'request', hashOfAsked(body));
    return againstTwins(async () =>
      this.database.asTenant(inNoAccount(staff), async (tx) => {
        const before = await findCompensationByKey(tx, key);
        if (before !== null && before.asked?.bodyHash !== bodyHash) {
          throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
        }
        if (before !== null) return before;
        const write = { keyHash: key, bodyHash, reasonRef: await keep(tx, staff, body.reason) };
        const id = 'preview_id' in body ? body.preview_id : newId('cps');
        if ('preview_id' in body) {
          await mustBeUsable(tx, id, { staff, now: this.clock.now() });
          if (!(await askForPreviewed(tx, id, { ...write, requestId }))) throw notUsable('It was posted by before.');
        } else {
          const target = targetOf(body.target);
          await mustBeThere(tx, target);
          const askedBy = { id: staff.userId, role: staff.role };
          await saveNewCompensation(tx, { id, target, askedBy, requestId, asked: write });
        }
        const placed = await findCompensation(tx, id);
        if (placed === null) throw new Error('a compensation was asked for and is not there to read');
        return placed;
      }),
    );
  }

  /** Its row is enough: where its first page takes long it is under way, and where nobody is there it begins later. */
  private async lookAt(input: CompensationInput): Promise<void> {
    if (await isKnown(this.begin(input))) return;
    await isKnown(this.temporal.startOnce(this.workflowOf(input)));
  }

  private async begin(input: CompensationInput): Promise<void> {
    await this.temporal.startAndAsk(compensationUpdate, {
      ...this.workflowOf(input),
      updateId: `${compensationUpdate.name}/${newId('req')}`,
    });
  }

  private async tell({ id, askedBy }: CompensationRecord, decision: CompensationDecision): Promise<void> {
    const { workflowId, deadline, ...start } = this.workflowOf({
      compensationId: id,
      askedById: askedBy.id,
      previewOnly: false,
    });
    await this.inTime(async () => {
      await this.temporal.startOnce({ ...start, workflowId, deadline });
      const updateId = `${decision.verdict}/${decision.by.id}`;
      try {
        await this.temporal.steer(decideCompensationUpdate, { workflowId, updateId, args: [decision], deadline });
      } catch (error) {
        // It was decided meanwhile: the row says how.
        if (!(error instanceof JobNotUnderWay)) throw error;
      }
    });
  }

  private workflowOf(input: CompensationInput): Workflow {
    return {
      workflow: COMPENSATION_WORKFLOW,
      workflowId: compensationWorkflowId(input),
      input,
      deadline: this.clock.now() + this.config.admitDeadlineMs,
    };
  }

  private async inTime(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) throw refusalProblem(refusal, this.clock.now());
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw unknownYet(error);
    }
  }
}

/** Whether its answer came in time. */
async function isKnown(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof AdmissionUnknown) return false;
    throw error;
  }
}

export function unknownYet(cause: AdmissionUnknown): ProblemError {
  return new ProblemError(
    'compensation_unknown',
    'No answer came in time. Send the same request again: nothing is posted twice.',
    { cause },
  );
}

interface Workflow {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: CompensationInput;
  readonly deadline: number;
}

async function keep(tx: EntityManager, { userId }: StaffCaller, text: string): Promise<string> {
  return keepReason(tx, OF_NO_ACCOUNT, { subject: staffSubject(userId), text });
}

async function mustBeThere(tx: EntityManager, target: CompensationTarget): Promise<void> {
  if (target.kind === 'incident' && (await findIncident(tx, target.incidentId)) === null) {
    throw new ProblemError('incident_not_found', 'There is no such incident.');
  }
  if (target.kind !== 'loop') return;
  const { jobId, finding: number } = target;
  if ((await findLoopForStaff(tx, { jobId, number })) === null) throw noSuchLoop();
}

/** What it was looked at by, and what it left out, counts when it is posted by: it must not be of long ago. */
const PREVIEW_LASTS_MS = 24 * 60 * 60_000;

interface AskedBy {
  readonly staff: StaffCaller;
  readonly now: number;
}

async function mustBeUsable(tx: EntityManager, id: string, { staff, now }: AskedBy): Promise<void> {
  const preview = await findCompensation(tx, id);
  if (preview === null) throw noSuchCompensation();
  if (preview.askedBy.id !== staff.userId) throw notUsable('It is a preview of somebody else.');
  const totals = await readCompensationTotals(tx, id);
  if (cameTooLate(preview, totals)) throw nothingRefundable();
  if (preview.asked !== null) throw notUsable('It was posted by before.');
  if (preview.state !== 'previewed') throw notUsable('It is not finished yet.');
  if (now - preview.createdAt > PREVIEW_LASTS_MS) throw notUsable('It is older than a day.');
  if (preview.askedBy.role !== staff.role) throw notUsable('It was made in another role.');
  if (await touchesAccountOf(tx, id, staff.userId)) throw notUsable('An account of your own is in it.');
  if (totals.foreseen === 0n) throw nothingRefundable();
}

/** A job that is not there has no row; an incident or a thread may have hit none. */
function mustFindJobs(told: ToldCompensation): ToldCompensation {
  const { record, totals } = told;
  if (!namesOneJob(record.target) || record.state === 'previewing' || totals.jobs > 0) return told;
  throw new ProblemError('job_not_found', 'There is no such job.');
}

function wasSaidBefore(
  { state, decidedBy }: CompensationRecord,
  { userId }: StaffCaller,
  verdict: GrantVerdict,
): boolean {
  if (decidedBy !== userId) return false;
  return verdict === 'reject' ? state === 'rejected' : state !== 'rejected';
}

function decidedBefore({ state }: CompensationRecord): ProblemError {
  return new ProblemError('compensation_decided', 'It does not wait for anybody.', { members: { state } });
}

function notUsable(why: string): ProblemError {
  return new ProblemError('preview_not_usable', why);
}

function nothingRefundable(): ProblemError {
  return refusalProblem({ code: 'nothing_refundable', refundable: ZERO }, 0);
}
