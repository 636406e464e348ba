// Activities room. Deleting a visitor, step by step: each a short transaction that may be done again.
import type { ErasureActivities, ErasureInput, OpenWork } from '@fairmeter/contracts';
import { endUserScope, instant, invariant } from '@fairmeter/domain';
import type { LotLedger } from '@fairmeter/ledger';
import { hasLots, readOpenRequests } from '@fairmeter/ledger/reads';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { eraseTexts, eraseWorkspaces, markDeleted, markErased, requestsOf, writeAudit } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';

export interface ErasureParts {
  readonly entities: EntityDatabase;
  readonly lots: LotLedger;
}

export class VisitorErasureActivities implements ErasureActivities {
  constructor(private readonly parts: ErasureParts) {}

  async markVisitorDeleted(input: ErasureInput): Promise<void> {
    const { visitorId, accountId, botId, actor, requestId } = input;
    await this.parts.entities.transaction(async (tx) => {
      if (!(await markDeleted(tx, visitorId))) return;
      await writeAudit(tx, {
        accountId,
        actor,
        action: 'visitor.deleted',
        targetId: visitorId,
        before: { bot_id: botId, deleted: false },
        after: { bot_id: botId, deleted: true },
        requestId,
      });
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
    const { entities } = this.parts;
    // Committed before anything is deleted: what is written from now on is dropped, what was being written is there.
    await markErased(entities.manager, visitorId);
    const owner = { accountId, subject: visitorId };
    await eraseWorkspaces(entities.manager, owner);
    return (await eraseTexts(entities.manager, owner)) > 0;
  }
}
