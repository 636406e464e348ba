// API room. Drift as staff look through it, and close by their word what they have looked into.
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { StaffDrift } from '@fairmeter/records';
import { findDriftForStaff, keepReason, readDriftForStaff, resolveDrift, writeAudit } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, inNoAccount, tenantOfStaff } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { againstTwins } from '../requests/against-twins.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import type { driftQuery } from './drift-body.js';

export interface DriftWord {
  readonly staff: StaffCaller;
  readonly requestId: string;
  readonly driftId: string;
  readonly reason: string;
}

const DRIFT = 'drift';

@Injectable()
export class DriftDesk {
  constructor(private readonly database: TenantDatabase) {}

  async page(staff: StaffCaller, query: z.output<typeof driftQuery>): Promise<PageOf<StaffDrift>> {
    const { kind = null, account_id: accountId = null, state } = query;
    const isOpen = state === undefined ? null : state === 'open';
    return newestFirst(DRIFT, query, async (page) =>
      this.database.asTenant(inNoAccount(staff), async (tx) =>
        readDriftForStaff(tx, { kind, accountId, isOpen, ...page }),
      ),
    );
  }

  /** Saying it again comes to the same; of two persons the first one's word stands. */
  async resolve(word: DriftWord): Promise<StaffDrift> {
    const { staff, driftId } = word;
    const drift = await this.find(staff, driftId);
    if (drift.resolvedAt === null) await this.write(drift, word);
    const resolved = await this.find(staff, driftId);
    if (resolved.resolvedBy === staff.userId) return resolved;
    throw new ProblemError('drift_resolved', 'This drift is closed already.', {
      members: { done: resolved.done, resolved_by: resolved.resolvedBy },
    });
  }

  private async write(drift: StaffDrift, word: DriftWord): Promise<void> {
    const tenant = tenantOfStaff(word.staff, drift.accountId);
    await againstTwins(async () => this.database.asTenant(tenant, async (tx) => closeByHand(tx, drift, word)));
  }

  private async find(staff: StaffCaller, driftId: string): Promise<StaffDrift> {
    const drift = await this.database.asTenant(inNoAccount(staff), async (tx) => findDriftForStaff(tx, driftId));
    if (drift === null) throw new ProblemError('drift_not_found', 'There is no such drift.');
    return drift;
  }
}

async function closeByHand(
  tx: EntityManager,
  { id, accountId, kind, done }: StaffDrift,
  { staff, reason: text, requestId }: DriftWord,
): Promise<void> {
  const { subject } = tenantOfStaff(staff, accountId);
  const reasonRef = await keepReason(tx, accountId, { subject, text });
  if (!(await resolveDrift(tx, id, { resolvedBy: staff.userId, reasonRef }))) return;
  await writeAudit(tx, {
    accountId,
    actor: actorOf(staff),
    action: 'drift.resolved',
    targetId: id,
    before: { kind, done, open: true },
    after: { kind, done, open: false },
    reason: { ref: reasonRef },
    requestId,
  });
}
