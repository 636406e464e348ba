// API room. Staff ask for grants of credits and decide on them. The asking is written here, with its reason and its
// line of the audit, in the account's own transaction; all that follows is the workflow's.
import type { GrantDecision, GrantInput } from '@fairmeter/contracts';
import { decideGrantUpdate, GRANT_WORKFLOW, grantUpdate, grantWorkflowId } from '@fairmeter/contracts';
import type { GrantState, GrantVerdict, Instant } from '@fairmeter/domain';
import { accountMay, decideGrant, EARNING_RULES, formatCredits, instant } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { AskedGrant, GrantRecord, StaffGrant } from '@fairmeter/records';
import { askForGrant, findGrantByKey, keepReason, readAccount, writeAudit } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, tenantOfStaff } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { keyHash } from '../jobs/admission-hashes.js';
import { AdmissionClient, AdmissionUnknown, JobNotUnderWay, refusalOf } from '../jobs/admission-client.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { AskGrant } from './grant-body.js';
import { GrantReader } from './grant-reader.js';

export interface AskedByStaff {
  readonly staff: StaffCaller;
  readonly requestId: string;
}

export interface GrantOrder {
  readonly accountId: string;
  readonly idempotencyKey: Uint8Array;
  readonly body: AskGrant;
}

export interface GrantWord {
  readonly grantId: string;
  readonly verdict: GrantVerdict;
  readonly reason: string;
}

const ACCOUNT_ID = /^acc_[0-9A-Za-z_-]{1,64}$/;
/** Nothing more becomes of it that whoever asked would have to wait for. */
const STANDS: readonly GrantState[] = ['rejected', 'notified'];
const MINUTE_MS = 60_000;
const FIVE_YEARS_MS = 5 * 366 * 86_400_000;

@Injectable()
export class GrantDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    private readonly reader: GrantReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** The same key and body again find the grant as it is now. */
  async ask(asked: AskedByStaff, order: GrantOrder): Promise<StaffGrant> {
    const placed = await this.place(asked, order);
    if (!STANDS.includes(placed.state)) {
      await this.inTime(async () =>
        this.temporal.startAndAsk(grantUpdate, { ...this.workflowOf(placed), updateId: grantUpdate.name }),
      );
    }
    return this.reader.forStaff(asked.staff, placed.id);
  }

  /** Once for each grant: saying it again comes to the same. */
  async decide(asked: AskedByStaff, word: GrantWord): Promise<StaffGrant> {
    const grant = await this.reader.forStaff(asked.staff, word.grantId);
    if (wasSaidBefore(grant, asked.staff, word.verdict)) return grant;
    const by = { id: asked.staff.userId, role: asked.staff.role };
    const heard = decideGrant({ state: grant.state, askedById: grant.askedBy.id }, word.verdict, by);
    if (!heard.ok) throw refusalProblem(heard.refusal, this.clock.now());
    await this.database.asTenant(tenantOfStaff(asked.staff, grant.accountId), async (tx) =>
      admitForOthers(tx, grant.accountId, asked.staff.userId),
    );
    const reasonRef = await this.keep(asked, grant.accountId, word.reason);
    const decision = { verdict: word.verdict, by, reasonRef, requestId: asked.requestId };
    await this.inTime(async () => this.tell(grant, decision));
    const decided = await this.reader.forStaff(asked.staff, grant.id);
    if (wasSaidBefore(decided, asked.staff, word.verdict)) return decided;
    throw refusalProblem({ code: 'grant_decided', state: decided.state }, this.clock.now());
  }

  private async place(asked: AskedByStaff, { accountId, idempotencyKey, body }: GrantOrder): Promise<GrantRecord> {
    if (!ACCOUNT_ID.test(accountId)) throw noSuchAccount();
    const { staff } = asked;
    const key = keyHash({ accountId, botId: 'grants' }, idempotencyKey, `staff/${staff.userId}`);
    // A reason is somebody's words: what is left of it confirms no guess of them.
    const bodyHash = hiddenOf(this.config, 'request', hashOfAsked(body));
    return againstTwins(async () =>
      this.database.asTenant(tenantOfStaff(staff, accountId), async (tx) => {
        const before = await findGrantByKey(tx, key);
        if (before !== null && before.bodyHash !== bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
        if (before !== null) return before;
        await mustBeGrantable(tx, accountId, staff);
        const expiresAt = this.endOf(body);
        const grant = { id: newId('grt'), accountId, expiresAt, askedBy: { id: staff.userId, role: staff.role } };
        await this.write(tx, { ...grant, ...whatIsAsked(body) }, { ...asked, key, bodyHash, reason: body.reason });
        const placed = await findGrantByKey(tx, key);
        if (placed === null) throw new Error('a grant was asked for and is not there to read');
        return placed;
      }),
    );
  }

  private async write(tx: EntityManager, grant: AskedGrant, said: AskedByStaff & Said): Promise<void> {
    const { id, accountId, kind, credits, expiresAt, contribution } = grant;
    const reasonRef = await keepReason(tx, accountId, {
      subject: tenantOfStaff(said.staff, accountId).subject,
      text: said.reason,
    });
    const isNew = await askForGrant(tx, { ...grant, reasonRef, keyHash: said.key, bodyHash: said.bodyHash });
    if (!isNew) {
      throw new ProblemError('contribution_rewarded', 'A grant for this contribution stands or is under way.');
    }
    await writeAudit(tx, {
      accountId,
      actor: actorOf(said.staff),
      action: 'grant.requested',
      targetId: id,
      before: null,
      after: { kind, credits: formatCredits(credits), expires_at: expiresAt, rule: contribution?.rule ?? null },
      reason: { ref: reasonRef },
      requestId: said.requestId,
    });
  }

  private endOf({ expires_at: end = null }: AskGrant): Instant | null {
    if (end === null) return null;
    const now = instant(this.clock.now());
    if (end < now + MINUTE_MS) throw validationFailed([{ pointer: '/expires_at', message: 'must be in the future' }]);
    if (end > now + FIVE_YEARS_MS) {
      throw validationFailed([{ pointer: '/expires_at', message: 'must be within five years' }]);
    }
    return end;
  }

  private async keep({ staff }: AskedByStaff, accountId: string, text: string): Promise<string> {
    const tenant = tenantOfStaff(staff, accountId);
    return this.database.asTenant(tenant, async (tx) => keepReason(tx, accountId, { subject: tenant.subject, text }));
  }

  /** Whoever asked may have gone before the workflow began: then it begins now. */
  private async tell(grant: StaffGrant, decision: GrantDecision): Promise<void> {
    const { deadline, workflowId, ...start } = this.workflowOf(grant);
    await this.temporal.startOnce({ ...start, workflowId, deadline });
    const updateId = `${decision.verdict}/${decision.by.id}`;
    try {
      await this.temporal.steer(decideGrantUpdate, { workflowId, updateId, args: [decision], deadline });
    } catch (error) {
      // It was decided meanwhile: the row says how.
      if (!(error instanceof JobNotUnderWay)) throw error;
    }
  }

  private workflowOf({ id, askedBy }: GrantRecord): Workflow {
    return {
      workflow: GRANT_WORKFLOW,
      workflowId: grantWorkflowId(id),
      input: { grantId: id, askedById: askedBy.id },
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
      throw new ProblemError(
        'grant_unknown',
        'No answer came in time. Send the same request again: no grant is posted twice.',
        { cause: error },
      );
    }
  }
}

interface Workflow {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: GrantInput;
  readonly deadline: number;
}

interface Said {
  readonly key: string;
  readonly bodyHash: string;
  readonly reason: string;
}

/** What the staff of the platform gives is for others. */
async function mustBeGrantable(tx: EntityManager, accountId: string, { userId }: StaffCaller): Promise<void> {
  const account = await readAccount(tx, accountId);
  if (account === null) throw noSuchAccount();
  const { status } = account;
  if (!accountMay(status, 'pay')) throw refusalProblem({ code: 'account_not_active', status }, 0);
  await admitForOthers(tx, accountId, userId);
}

function whatIsAsked(body: AskGrant): Pick<AskedGrant, 'kind' | 'credits' | 'contribution'> {
  if (body.kind !== 'community') return { kind: body.kind, credits: body.credits, contribution: null };
  const { rule, contribution_reference: reference } = body;
  return { kind: 'community', credits: EARNING_RULES[rule].amount, contribution: { rule, reference } };
}

function wasSaidBefore({ state, decidedBy }: GrantRecord, { userId }: StaffCaller, verdict: GrantVerdict): boolean {
  if (decidedBy !== userId) return false;
  return verdict === 'reject' ? state === 'rejected' : state !== 'rejected';
}

function noSuchAccount(): ProblemError {
  return new ProblemError('account_not_found', 'There is no such account.');
}
