// Goal: refunds, chargebacks and ends on a real Postgres come to what the rules say, once, and the auditor agrees.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { accountScope, instant, type Instant, type LotKind } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  HOUR,
  T0,
} from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { auditLedger, describeAudit } from '../audit/audit.js';
import { LotRow } from '../rows/lot.row.js';
import { ScopeRow } from '../rows/scope.row.js';

interface LotWish {
  readonly kind: LotKind;
  readonly credits: string;
  readonly expiresAt?: Instant;
}

describe('credits that go back', () => {
  let db: LedgerDatabase;
  allOnOneLedger((opened) => {
    db = opened;
  });

  async function audited(): Promise<void> {
    const report = await auditLedger(db.writer);
    if (!report.holds) throw new Error(describeAudit(report).join('\n'));
  }

  async function lot(accountId: string, wish: LotWish): Promise<string> {
    const { kind, credits, expiresAt = null } = wish;
    const order = { kind, amount: creditsOf(credits), validFrom: T0, expiresAt, sourceRef: newId('lot') };
    const granted = await db.grants.grantToAccount(accountId, T0, order);
    if (!granted.ok) throw new Error(granted.refusal.code);
    return granted.value.result.lotId;
  }

  /** A job of one step that costs 0.6 credits, settled. */
  async function spend(accountId: string): Promise<{ accountId: string; jobId: string }> {
    const order = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
    const admitted = await db.jobs.admit(accountId, T0, order);
    if (!admitted.ok) throw new Error(admitted.refusal.code);
    const payer = { accountId, jobId: order.jobId };
    await db.jobs.beginStep({ payer, tryKey: 'try', asOf: T0, order: beginOrder(1) });
    await db.jobs.endStep({ payer, tryKey: 'try', asOf: T0, order: endOrder(1, 1) });
    await db.jobs.settle(payer, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
    return payer;
  }

  const rowOf = async (id: string): Promise<LotRow> =>
    db.entities.manager.getRepository(LotRow).findOneByOrFail({ id });
  const debtOf = async (accountId: string): Promise<bigint> =>
    (await db.entities.manager.getRepository(ScopeRow).findOneByOrFail({ id: accountScope(accountId) })).debt;

  it('go to the living lot they came from, once per reference, and never beyond the charge', async () => {
    const accountId = newId('acc');
    const lotId = await lot(accountId, { kind: 'subscription', credits: '100' });
    const payer = await spend(accountId);
    const wish = {
      asOf: T0,
      parts: [{ lotId, amount: creditsOf('0.4') }],
      form: 'origin_while_live',
      stepOrdinal: 1,
    } as const;
    const first = await db.jobs.refund(payer, 'finding/1', wish);
    expect(first).toMatchObject({ ok: true, value: { replayed: false, result: { amount: '400000' } } });
    expect(await db.jobs.refund(payer, 'finding/1', wish)).toMatchObject({ ok: true, value: { replayed: true } });
    expect(await db.jobs.refund(payer, 'case/1', wish)).toMatchObject({
      ok: false,
      refusal: { code: 'nothing_refundable', refundable: creditsOf('0.2') },
    });
    expect((await rowOf(lotId)).open).toBe(creditsOf('99.8'));
    await audited();
  });

  it('[W9] go to a lot without end when their own has ended meanwhile', async () => {
    const accountId = newId('acc');
    const ended = await lot(accountId, { kind: 'subscription', credits: '50', expiresAt: after(T0, 400 * 24 * HOUR) });
    const payer = await spend(accountId);
    const renewed = await lot(accountId, { kind: 'subscription', credits: '70' });
    const refunded = await db.jobs.refund(payer, 'finding/2', {
      asOf: after(T0, 401 * 24 * HOUR),
      parts: [{ lotId: ended, amount: creditsOf('0.6') }],
      form: 'origin_while_live',
      stepOrdinal: 1,
    });
    if (!refunded.ok) throw new Error(refunded.refusal.code);
    const [to] = refunded.value.result.toLots;
    expect(await rowOf(String(to?.lotId))).toMatchObject({
      kind: 'compensation',
      granted: creditsOf('0.6'),
      expiresAt: null,
    });
    expect((await rowOf(renewed)).open).toBe(creditsOf('70'));
    await audited();
  });

  it('[edge 72] are taken back after a chargeback; what was spent is owed and paid by the next purchase', async () => {
    const accountId = newId('acc');
    const bundle = await lot(accountId, { kind: 'bundle', credits: '10' });
    await spend(accountId);
    const owner = { scopeId: accountScope(accountId), accountId };
    const taken = await db.grants.clawBack(owner, T0, bundle);
    expect(taken).toMatchObject({ ok: true, value: { result: { takenBack: '9400000', debt: '600000' } } });
    expect(await db.grants.clawBack(owner, T0, bundle)).toMatchObject({ ok: true, value: { replayed: true } });
    const gift = await lot(accountId, { kind: 'bonus_admin', credits: '5' });
    const order = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
    expect(await db.jobs.admit(accountId, T0, order)).toMatchObject({ refusal: { code: 'debt_outstanding' } });
    const next = await lot(accountId, { kind: 'bundle', credits: '2' });
    expect([(await rowOf(next)).open, (await rowOf(gift)).open, await debtOf(accountId)]).toEqual([
      creditsOf('1.4'),
      creditsOf('5'),
      0n,
    ]);
    expect(await db.jobs.admit(accountId, T0, order)).toMatchObject({ ok: true });
    await audited();
  });

  it('available.equals-entries: go back to a compensation lot that paid for the next job', async () => {
    const accountId = newId('acc');
    const bundle = await lot(accountId, { kind: 'bundle', credits: '50' });
    const all = { asOf: T0, stepOrdinal: 1 } as const;
    const parts = [{ lotId: bundle, amount: creditsOf('0.6') }];
    const restored = await db.jobs.refund(await spend(accountId), 'case/2', { ...all, parts, form: 'compensation' });
    if (!restored.ok) throw new Error(restored.refusal.code);
    const compensation = String(restored.value.result.toLots[0]?.lotId);
    const again = [{ lotId: compensation, amount: creditsOf('0.6') }];
    const wish = { ...all, parts: again, form: 'origin_while_live' } as const;
    expect(await db.jobs.refund(await spend(accountId), 'finding/3', wish)).toMatchObject({ ok: true });
    expect(await rowOf(compensation)).toMatchObject({ granted: creditsOf('0.6'), open: creditsOf('0.6') });
    await audited();
  });

  it('are booked as lapsed after their end, and the rest of the scope is untouched', async () => {
    const accountId = newId('acc');
    // By the database's own clock: what has ended is told by it. What had ended when it was granted has lapsed at once.
    const expiresAt = instant(Date.now() + 1_000);
    const order = { kind: 'bonus_promo', amount: creditsOf('3'), sourceRef: newId('lot') } as const;
    const owner = { scopeId: accountScope(accountId), accountId };
    const granted = await db.grants.grant(owner, instant(0), {
      ...order,
      validFrom: instant(0),
      expiresAt,
    });
    if (!granted.ok) throw new Error(granted.refusal.code);
    const other = await lot(accountId, { kind: 'subscription', credits: '1' });
    const { lotId } = granted.value.result;
    await sleep(expiresAt - Date.now() + 10);
    const expired = await db.grants.expire(owner, T0);
    expect(expired).toMatchObject({ ok: true, value: { result: { lapsed: [{ lotId, amount: '3000000' }] } } });
    expect([(await rowOf(lotId)).open, (await rowOf(other)).open]).toEqual([0n, creditsOf('1')]);
    await audited();
  });
});
