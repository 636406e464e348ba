// Goal: credits stand exactly while their payment does, also where a process dies between the ledger's posting and the
// purchase's row, and other news is taken before it is asked again. Method: the activity on a real ledger, dying there.
import type { PaymentEvent } from '@fairmeter/contracts';
import type { PaymentNews } from '@fairmeter/domain';
import { accountScope, formatCredits, parseMicroCredits, ZERO } from '@fairmeter/domain';
import { systemClock } from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import { DemoPayments } from '@fairmeter/providers/payments';
import { findPurchase, placeOrder, readBundles } from '@fairmeter/records';
import { describe, expect, it } from '@jest/globals';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import type { PurchaseParts } from './purchase.activities.js';
import { PurchaseActivities } from './purchase.activities.js';

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

const over = (entities: PurchaseParts['entities']): PurchaseActivities =>
  new PurchaseActivities({
    entities,
    lots: db.grants,
    payments: new DemoPayments(),
    clock: systemClock,
    rules: { alone: { support: ZERO, admin: ZERO }, decideMs: 0 },
  });

const living = (): PurchaseActivities => over(db.entities);

/** All is done and posted, and the rows are lost with their transaction. */
const dying = (): PurchaseActivities =>
  over({
    manager: db.entities.manager,
    transaction: async (work) =>
      db.entities.transaction(async (tx) => {
        await work(tx);
        throw new Error('died before the rows were written');
      }),
  });

async function ordered(): Promise<{ readonly purchaseId: string; readonly accountId: string }> {
  const { manager } = db.entities;
  const [accountId, buyerId, id] = [newId('acc'), newId('usr'), newId('pur')];
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'Test', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  const product = (await readBundles(manager)).find((bundle) => bundle.id === 'bundle_100');
  if (product === undefined) throw new Error('the bundle is not on offer');
  const scopeId = accountScope(accountId);
  const parts = [{ scopeId, bot: null, credits: product.credits }];
  await placeOrder(manager, { id, accountId, buyerId, scopeId, product, parts, keyHash: id, bodyHash: 'x' });
  return { purchaseId: id, accountId };
}

const told = (purchaseId: string, news: PaymentNews): PaymentEvent => ({
  provider: 'test',
  eventId: `${purchaseId}/${news}`,
  news,
  purchaseId,
  disputeRef: 'dp_1',
});

async function left(accountId: string): Promise<string> {
  const [row] = await db.entities.manager.query<{ open: string }[]>(
    'SELECT coalesce(sum(open), 0)::text AS open FROM ledger.lots WHERE scope_id = $1',
    [accountScope(accountId)],
  );
  return formatCredits(parseMicroCredits(row?.open ?? '0'));
}

const stateOf = async (purchaseId: string): Promise<unknown> => {
  const { state, grants, parts } = (await findPurchase(db.entities.manager, purchaseId)) ?? {};
  return { state, grants, given: parts?.map(({ lotId }) => lotId !== null) };
};

it('a purchase of which one try failed gives nothing, and is paid by the next', async () => {
  const { purchaseId, accountId } = await ordered();
  const failed = { ...told(purchaseId, 'paid'), eventId: `${purchaseId}/failed`, news: 'failed' } as const;
  expect(await living().applyPayment(failed)).toMatchObject({ state: 'pending' });
  expect(await left(accountId)).toBe('0.000000');
  expect(await living().applyPayment(told(purchaseId, 'paid'))).toMatchObject({ state: 'paid' });
});

it('[E15] a bundle that is paid is announced to its account, once for each time it comes to be paid', async () => {
  const { purchaseId, accountId } = await ordered();
  for (const news of ['paid', 'paid', 'disputed', 'dispute_won'] as const) {
    await living().applyPayment({ ...told(purchaseId, news), eventId: `${purchaseId}/${news}` });
  }
  const announced = await db.entities.manager.query<unknown[]>(
    'SELECT type, about, facts FROM records.announcements WHERE account_id = $1',
    [accountId],
  );
  const facts = { purchase_id: purchaseId, credits: '100.000000' };
  const once = { type: 'purchase.paid', about: purchaseId, facts };
  expect(announced).toEqual([once, once]);
});

describe('a purchase whose process died after the posting', () => {
  it.each(['reversed', 'disputed'] as const)(
    '[edge 72] keeps no credits where it is %s before it is asked again',
    async (news) => {
      const { purchaseId, accountId } = await ordered();
      await expect(dying().applyPayment(told(purchaseId, 'paid'))).rejects.toThrow('died');
      expect(await left(accountId)).toBe('100.000000');
      expect(await living().applyPayment(told(purchaseId, news))).toMatchObject({ state: news });
      expect(await left(accountId)).toBe('0.000000');
      expect(await living().applyPayment(told(purchaseId, 'paid'))).toMatchObject({ state: news });
      expect(await left(accountId)).toBe('0.000000');
      expect(await stateOf(purchaseId)).toEqual({ state: news, grants: 1, given: [false] });
    },
  );

  it('[edge 72] has its credits again where the dispute is won before it is asked again', async () => {
    const { purchaseId, accountId } = await ordered();
    await living().applyPayment(told(purchaseId, 'paid'));
    await expect(dying().applyPayment(told(purchaseId, 'disputed'))).rejects.toThrow('died');
    expect(await left(accountId)).toBe('0.000000');
    await living().applyPayment(told(purchaseId, 'dispute_won'));
    await living().applyPayment(told(purchaseId, 'disputed'));
    expect(await left(accountId)).toBe('100.000000');
    expect(await stateOf(purchaseId)).toEqual({ state: 'paid', grants: 2, given: [true] });
  });

  it('has its credits once where nothing else was heard', async () => {
    const { purchaseId, accountId } = await ordered();
    await expect(dying().applyPayment(told(purchaseId, 'paid'))).rejects.toThrow('died');
    await living().applyPayment(told(purchaseId, 'paid'));
    expect(await left(accountId)).toBe('100.000000');
    expect(await stateOf(purchaseId)).toEqual({ state: 'paid', grants: 1, given: [true] });
  });
});
