// Activities room. Deleting a visitor, step by step: each a short transaction that may be done again.
import type { EndedOrders, ErasureActivities, ErasureInput, OpenWork } from '@fairmeter/contracts';
import { endUserScope, instant, invariant } from '@fairmeter/domain';
import type { LotLedger } from '@fairmeter/ledger';
import { forgetRequests } from '@fairmeter/ledger';
import { hasLots, readOpenRequests } from '@fairmeter/ledger/reads';
import type { EntityDatabase } from '@fairmeter/platform/database';
import {
  accountsOfVisitor,
  endOrdersOf,
  eraseWords,
  markDeleted,
  markErased,
  requestsOf,
  writeAudit,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';

export interface ErasureParts {
  readonly entities: Pick<EntityDatabase, 'manager' | 'transaction'>;
  readonly lots: LotLedger;
}

export class VisitorErasureActivities implements ErasureActivities {
  constructor(private readonly parts: ErasureParts) {}

  async markVisitorDeleted(input: ErasureInput): Promise<EndedOrders> {
    const { visitorId, accountId, botId, actor, requestId } = input;
    return this.parts.entities.transaction(async (tx) => {
      if (await markDeleted(tx, visitorId)) {
        await writeAudit(tx, {
          accountId,
          actor,
          action: 'visitor.deleted',
          targetId: visitorId,
          before: { bot_id: botId, deleted: false },
          after: { bot_id: botId, deleted: true },
          requestId,
        });
      }
      return { purchaseIds: await endOrdersOf(tx, { scopeId: endUserScope(botId, visitorId), buyerId: visitorId }) };
    });
  }

  async openWorkOfVisitor({ visitorId }: ErasureInput): Promise<OpenWork> {
    const { manager } = this.parts.entities;
    const { keyHashes } = await requestsOf(manager, [visitorId]);
    const open = await readOpenRequests(manager, keyHashes);
    return { workflowIds: open.map(({ workflowId }) => workflowId) };
  }

  async endUnitsOfVisitor(input: ErasureInput & { readonly pass: number; readonly asOf: number }): Promise<void> {
    const { visitorId, accountId, botId, pass, asOf } = input;
    const scopeId = endUserScope(botId, visitorId);
    return brokenIsFinal(async () => {
      if (!(await hasLots(this.parts.entities.manager, scopeId))) return;
      const order = { owner: { scopeId, accountId }, endKey: `erasure/${pass}`, asOf: instant(asOf) };
      const ended = await unlessBusy(this.parts.lots.endAll(order));
      invariant(ended.ok, 'operation.applied-once', ended.ok ? '' : `ending units answered ${ended.refusal.code}`);
    });
  }

  async eraseWordsOfVisitor({ visitorId, accountId }: ErasureInput): Promise<boolean> {
    const { manager } = this.parts.entities;
    // Committed before anything is deleted: what is written from now on is dropped, what was being written is there.
    await markErased(manager, visitorId);
    const accountIds = [accountId, ...(await accountsOfVisitor(manager, visitorId))];
    if (await eraseWords(manager, { subject: visitorId, accountIds })) return true;
    // Rewrites every job of the visitor that has ended: once in a pass, and so not on each turn of it.
    await forgetRequests(manager, visitorId);
    return false;
  }
}
