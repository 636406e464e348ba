// Test harness. One account twice, in the tables and in memory: what is done to it is done to both and must be answered
// alike. Its instants lie far beyond any clock, so that `asOf` decides.
import { expect } from '@jest/globals';
import type { Instant, LimitChange, LimitRef, Reach } from '@fairmeter/domain';
import { accountScope, instant } from '@fairmeter/domain';
import { auditLedger } from '@fairmeter/ledger';
import type { CreditsView, LotView, ScopePoint } from '@fairmeter/ledger/reads';
import { ledgerEntities, readCredits, readLots, readPast, readPresent, readSpendable } from '@fairmeter/ledger/reads';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { LedgerDatabase } from './ledger-database.js';
import { MemoryLedger } from './memory-ledger.js';
import { admitOrder, beginOrder, botTerms, creditsOf, endOrder, grantOrder, wishFor } from './orders.js';

export const NOON = instant(Date.UTC(2199, 0, 1, 12));
export const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;

export async function openReader(db: LedgerDatabase): Promise<TenantDatabase> {
  return TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 2,
    entities: ledgerEntities,
    applicationName: 'test-reads',
  });
}

/** Twins on a ledger of their own. */
export class Twins {
  private constructor(
    readonly db: LedgerDatabase,
    private readonly reader: TenantDatabase,
  ) {}

  static async open(): Promise<Twins> {
    const db = await LedgerDatabase.open();
    return new Twins(db, await openReader(db));
  }

  fresh(): Twin {
    return new Twin(this.db, this.reader);
  }

  /** What the auditor finds, in words. */
  async differences(): Promise<string[]> {
    const { checks } = await auditLedger(this.db.writer);
    return checks.flatMap((check) => check.differences);
  }

  /** An honest ledger is audited when all is over. */
  async closeAudited(): Promise<void> {
    expect(await this.differences()).toEqual([]);
    await this.close();
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.db.close();
  }
}

/** One account in the tables and the same in memory. */
export class Twin {
  readonly accountId = newId('acc');
  readonly model = new MemoryLedger(this.accountId);
  readonly owner = { scopeId: accountScope(this.accountId), accountId: this.accountId };
  private changes = 0;

  constructor(
    private readonly db: LedgerDatabase,
    private readonly reader: TenantDatabase,
  ) {}

  async setTerms(asOf: Instant, order: { zone?: string; daily?: string }): Promise<void> {
    const change = {
      ...(order.zone === undefined ? {} : { zone: order.zone }),
      ...(order.daily === undefined ? {} : { dailyAllowance: creditsOf(order.daily) }),
    };
    const expected = this.model.setTerms(asOf, change);
    const changeKey = `change-${(this.changes += 1)}`;
    const set = await this.db.terms.setTerms({ owner: this.owner, changeKey, asOf, order: change });
    expect(set.ok && expected.ok ? set.value.result : set).toEqual(expected.ok ? expected.value : expected);
  }

  async setLimits(asOf: Instant, order: readonly LimitChange[]): Promise<void> {
    this.model.setLimits(asOf, order);
    const changeKey = `limits-${(this.changes += 1)}`;
    expect(await this.db.terms.setLimits({ owner: this.owner, changeKey, asOf, order })).toMatchObject({ ok: true });
  }

  async grant(asOf: Instant, amount: string): Promise<void> {
    const { lotId: _, ...order } = grantOrder({ lotId: `source-${asOf}`, amount: creditsOf(amount) });
    this.model.grant(asOf, { ...order, lotId: `model-${asOf}` });
    expect(await this.db.grants.grant(this.owner, asOf, order)).toMatchObject({ ok: true });
  }

  /** Charges `credits`, or says why not, and what the model said. */
  async work(name: string, asOf: Instant, limitRefs: readonly LimitRef[] = []): Promise<unknown> {
    const jobId = `${name}_${this.accountId}`;
    const payer = { accountId: this.accountId, jobId };
    const bot = botTerms({ accountId: this.accountId });
    const admission = admitOrder(jobId, { bot, wish: wishFor({ maxCredits: creditsOf('1.3') }), limitRefs });
    const admitted = this.model.admit(asOf, admission);
    const asked = await this.db.jobs.admit(this.accountId, asOf, admission);
    expect(asked.ok ? asked.value.result : asked).toEqual(admitted.ok ? admitted.value : admitted);
    if (!admitted.ok) return admitted.refusal;
    const begun = this.model.begin(jobId, asOf, beginOrder(1));
    const began = await this.db.jobs.beginStep({ payer, tryKey: 'a', asOf, order: beginOrder(1) });
    expect(began.ok ? began.value.result : began).toEqual(begun.ok ? begun.value : begun);
    if (!begun.ok) return begun.refusal;
    this.model.end(jobId, asOf, endOrder(1, 1));
    await this.db.jobs.endStep({ payer, tryKey: 'a', asOf, order: endOrder(1, 1) });
    const settled = this.model.settle(jobId, asOf, SETTLING);
    const answer = await this.db.jobs.settle(payer, asOf, SETTLING);
    expect(answer.ok ? answer.value.result : answer).toEqual(settled.ok ? settled.value : settled);
    return 'charged';
  }

  async credits(at?: Instant): Promise<CreditsView> {
    return this.read(async (tx, present) =>
      readCredits(
        tx,
        at === undefined || at >= present.at ? { ...present, at: at ?? present.at } : await readPast(tx, present, at),
      ),
    );
  }

  async lots(at: Instant): Promise<readonly LotView[]> {
    return this.read(async (tx, present) => {
      const page = await readLots(tx, { ...present, at }, { includeEnded: false, after: null, limit: 10 });
      return page.lots;
    });
  }

  /** As they were then. */
  async lotsAt(at: Instant): Promise<readonly LotView[]> {
    return this.read(async (tx, present) => {
      const past = await readPast(tx, present, at);
      return (await readLots(tx, past, { includeEnded: false, after: null, limit: 10 })).lots;
    });
  }

  async spendable(at: Instant): Promise<Reach> {
    return this.read(async (tx) => (await readSpendable(tx, { scopeId: this.owner.scopeId, clockNow: at })).reach);
  }

  private async read<T>(work: (tx: EntityManager, present: ScopePoint) => Promise<T>): Promise<T> {
    const tenant = { accountId: this.accountId, subject: this.accountId };
    return this.reader.asTenant(tenant, async (tx) => work(tx, await readPresent(tx, this.owner.scopeId, instant(0))));
  }
}
