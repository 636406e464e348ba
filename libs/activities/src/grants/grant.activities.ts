// Activities room. A grant of credits, step by step: each a short transaction that may be done again. The ledger has
// its own key for what a grant becomes, so that a crash between ledger and row finds the lot.
import type {
  GrantActivities,
  GrantAnswer,
  GrantAt,
  GrantDecision,
  IssuedGrant,
  OpenedGrant,
} from '@fairmeter/contracts';
import type { GrantsAlone, GrantState, GrantStep, Instant } from '@fairmeter/domain';
import {
  accountMay,
  accountScope,
  afterGrantStep,
  decideGrant,
  formatCredits,
  instant,
  instantToText,
  invariant,
  LOT_KIND_OF_GRANT,
  needsSecondPerson,
} from '@fairmeter/domain';
import type { LotLedger, ScopeOwner } from '@fairmeter/ledger';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { Announcement, AuditEvent, GrantRecord } from '@fairmeter/records';
import {
  announce,
  lockGrant,
  readAccount,
  saveGrantDecision,
  saveGrantPosting,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';

export interface GrantRules {
  readonly alone: GrantsAlone;
  /** How long a grant waits for a second person. */
  readonly decideMs: number;
  /** How long before its end a grant is warned of. */
  readonly warnMs: number;
}

type Line = Pick<AuditEvent, 'actor' | 'reason' | 'requestId'>;

/** What no person decided: time was up, or nothing could be given any more. */
const BY_NOBODY: Line = { actor: { role: 'platform', id: 'grant' } };

export class GrantActivitiesOverLedger implements GrantActivities {
  constructor(
    private readonly entities: EntityDatabase,
    private readonly lots: LotLedger,
    private readonly rules: GrantRules,
  ) {}

  async openGrant({ grantId, asOf }: GrantAt): Promise<OpenedGrant> {
    return this.underLock(grantId, async (tx, grant) => {
      const { alone, decideMs } = this.rules;
      const decideUntil = Math.min(asOf + decideMs, grant.expiresAt ?? Infinity);
      const { credits, askedBy } = grant;
      if (grant.state !== 'requested') return { state: grant.state, decideUntil };
      if (decideUntil <= asOf || !(await mayBeGiven(tx, grant))) {
        return { state: await reject(tx, grant, BY_NOBODY), decideUntil };
      }
      if (needsSecondPerson(credits, askedBy.role, alone)) return { state: 'requested', decideUntil };
      const state = stepOf(grant, 'approve');
      await saveGrantDecision(tx, grant.id, { state, decidedBy: null });
      return { state, decideUntil };
    });
  }

  async noteGrantDecision(decided: {
    readonly grantId: string;
    readonly decision: GrantDecision | null;
  }): Promise<GrantAnswer> {
    return this.underLock(decided.grantId, async (tx, grant) => {
      const { decision } = decided;
      if (grant.state !== 'requested') return { state: grant.state };
      if (decision === null || !(await mayBeGiven(tx, grant))) return { state: await reject(tx, grant, BY_NOBODY) };
      const { verdict, by, reasonRef, requestId } = decision;
      const heard = decideGrant({ state: grant.state, askedById: grant.askedBy.id }, verdict, by);
      invariant(heard.ok, 'grant.second-person', `${grant.id} was decided by whoever must not`);
      await saveGrantDecision(tx, grant.id, { state: heard.value, decidedBy: by.id });
      await note(tx, grant, { state: heard.value, actor: by, reason: { ref: reasonRef }, requestId });
      return { state: heard.value };
    });
  }

  /** The event of the lot is in the ledger's outbox with the lot itself: what is posted is told. */
  async issueGrant({ grantId, asOf }: GrantAt): Promise<IssuedGrant> {
    return this.underLock(grantId, async (tx, grant) => {
      const { expiresAt } = grant;
      if (grant.lotId === null) {
        const posted = stepOf(grant, 'post');
        const lotId = await this.post(grant, instant(asOf));
        await saveGrantPosting(tx, grant.id, { state: stepOf({ ...grant, state: posted }, 'tell'), lotId });
      }
      const warnAt = expiresAt === null ? null : expiresAt - this.rules.warnMs;
      // What ends sooner was told its end when it was granted.
      return { state: 'notified', expiresAt, warnAt: warnAt === null || warnAt <= asOf ? null : warnAt };
    });
  }

  async warnOfGrantEnd({ grantId, asOf }: GrantAt): Promise<void> {
    await this.underLock(grantId, async (tx, grant) => {
      invariant(grant.lotId !== null, 'operation.applied-once', `${grantId} was never posted`);
      const warned = await unlessBusy(this.lots.warnOfEnd(ownerOf(grant), instant(asOf), grant.lotId));
      invariant(warned.ok, 'operation.applied-once', warned.ok ? '' : `the warning answered ${warned.refusal.code}`);
      if (warned.value.result.told) await announce(tx, endingSoon(grant, grant.lotId));
    });
  }

  async endGrant({ grantId, asOf }: GrantAt): Promise<void> {
    await this.underLock(grantId, async (_, grant) => {
      const ended = await unlessBusy(this.lots.expire(ownerOf(grant), instant(asOf)));
      invariant(ended.ok, 'operation.applied-once', ended.ok ? '' : `the end answered ${ended.refusal.code}`);
    });
  }

  private async post(grant: GrantRecord, asOf: Instant): Promise<string> {
    const granted = await unlessBusy(
      this.lots.grant(ownerOf(grant), asOf, {
        kind: LOT_KIND_OF_GRANT[grant.kind],
        amount: grant.credits,
        validFrom: grant.createdAt,
        expiresAt: grant.expiresAt,
        sourceRef: `grant/${grant.id}`,
      }),
    );
    invariant(granted.ok, 'operation.applied-once', granted.ok ? '' : `granting answered ${granted.refusal.code}`);
    return granted.value.result.lotId;
  }

  /** Whatever becomes of one grant is written one after the other, and is on disk when it is answered. */
  private async underLock<T>(id: string, work: (tx: EntityManager, grant: GrantRecord) => Promise<T>): Promise<T> {
    return brokenIsFinal(() =>
      this.entities.transaction(async (tx) => {
        await waitForDisk(tx);
        const grant = await lockGrant(tx, id);
        invariant(grant !== null, 'operation.applied-once', `there is no grant ${id}`);
        return work(tx, grant);
      }),
    );
  }
}

function endingSoon({ id, accountId, credits, expiresAt }: GrantRecord, lotId: string): Announcement {
  return {
    accountId,
    visitor: null,
    type: 'credits.ending_soon',
    about: lotId,
    facts: {
      grant_id: id,
      lot_id: lotId,
      amount: formatCredits(credits),
      expires_at: expiresAt === null ? null : instantToText(expiresAt),
    },
    onceKey: `ending/${lotId}`,
    mailTo: { to: 'owner' },
  };
}

function ownerOf({ accountId }: GrantRecord): ScopeOwner {
  return { scopeId: accountScope(accountId), accountId };
}

/** An account that was closed meanwhile is given nothing. */
async function mayBeGiven(tx: EntityManager, { accountId }: GrantRecord): Promise<boolean> {
  const account = await readAccount(tx, accountId);
  return account !== null && accountMay(account.status, 'pay');
}

async function reject(tx: EntityManager, grant: GrantRecord, by: Line): Promise<GrantState> {
  const state = stepOf(grant, 'reject');
  await saveGrantDecision(tx, grant.id, { state, decidedBy: null });
  await note(tx, grant, { ...by, state });
  return state;
}

async function note(
  tx: EntityManager,
  grant: GrantRecord,
  { state, ...line }: Line & { state: GrantState },
): Promise<void> {
  await writeAudit(tx, {
    ...line,
    accountId: grant.accountId,
    action: `grant.${state}`,
    targetId: grant.id,
    before: { state: grant.state },
    after: { state, kind: grant.kind, credits: formatCredits(grant.credits) },
  });
}

function stepOf({ id, state }: Pick<GrantRecord, 'id' | 'state'>, step: GrantStep): GrantState {
  const next = afterGrantStep(state, step);
  invariant(next !== null, 'operation.applied-once', `${id} is ${state}: ${step} does not follow`);
  return next;
}
