// Goal: a change of terms is made whole and once, or not at all, wherever it is torn apart. Method: the activity on a
// real ledger whose answers get lost, with somebody else asking in between.
import type { AccountTermsResult, ChangeTermsInput } from '@fairmeter/contracts';
import { unpackRefusal } from '@fairmeter/contracts';
import type { AccountStatus } from '@fairmeter/domain';
import { accountScope, formatCredits, formatMicroCredits, instant } from '@fairmeter/domain';
import type { TermsLedger } from '@fairmeter/ledger';
import { readNamedLimits } from '@fairmeter/ledger/reads';
import { newId } from '@fairmeter/platform/database';
import { describe, expect, it } from '@jest/globals';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { amount } from '../../../../test/harness/people.js';
import { TermsActivitiesOverLedger } from './terms.activities.js';

const SPEND = { kind: 'spend', subject: '', period: 'day' } as const;

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

const OWNER = 'usr_1';

async function openAccount(): Promise<string> {
  const accountId = newId('acc');
  const { manager } = db.entities;
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'Test', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  const user = `INSERT INTO records.users (id, issuer, subject) VALUES ($1, 'test', $1) ON CONFLICT DO NOTHING`;
  await manager.query(user, [OWNER]);
  await setRole(accountId, 'owner');
  return accountId;
}

async function setRole(accountId: string, role: 'owner' | 'member'): Promise<void> {
  await db.entities.manager.query(
    `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)
     ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role`,
    [accountId, OWNER, role],
  );
}

async function setStatus(accountId: string, status: AccountStatus): Promise<void> {
  await db.entities.manager.query('UPDATE records.accounts SET status = $2 WHERE id = $1', [accountId, status]);
}

/** To spend at most that much a day. */
function change(accountId: string, credits: string, key = 'once'): ChangeTermsInput {
  return {
    accountId,
    changeKey: key,
    bodyHash: `said ${credits}`,
    actor: { role: 'owner', id: OWNER },
    change: { what: 'limits', limits: [{ ...SPEND, amountMicroCredits: formatMicroCredits(amount(credits)) }] },
    asOf: Date.now(),
  };
}

const withLedger = (terms: Pick<TermsLedger, 'setLimits'>): TermsActivitiesOverLedger =>
  new TermsActivitiesOverLedger({ terms: terms as TermsLedger, entities: db.entities });

/** What is posted stands, and nobody hears of it. */
const losing = (): TermsActivitiesOverLedger =>
  withLedger({
    setLimits: async (post) => {
      await db.terms.setLimits(post);
      throw new Error('the answer was lost');
    },
  });

const told = (result: AccountTermsResult): string =>
  result.outcome === 'refused' ? unpackRefusal(result.refusal).code : result.outcome;

async function spendLimit(accountId: string): Promise<string | null> {
  const of = { scopeId: accountScope(accountId), at: instant(Date.now()) };
  const [limit] = await readNamedLimits(db.entities.manager, of, [SPEND]);
  return limit?.isSet === true ? formatCredits(limit.amount) : null;
}

async function audited(accountId: string): Promise<unknown> {
  return db.entities.manager.query('SELECT before, after FROM records.audit WHERE account_id = $1 ORDER BY id', [
    accountId,
  ]);
}

const LINE = { before: { 'spend day': null }, after: { 'spend day': '3.000000' } };

describe('a change of terms', () => {
  it('[F26] that was torn apart is brought to its end, with one line of the audit', async () => {
    const accountId = await openAccount();
    await expect(losing().changeTerms(change(accountId, '3'))).rejects.toThrow('lost');
    expect([await spendLimit(accountId), await audited(accountId)]).toEqual(['3.000000', []]);
    for (const _ of [1, 2]) {
      expect(told(await withLedger(db.terms).changeTerms(change(accountId, '3')))).toBe('changed');
      expect(await audited(accountId)).toEqual([LINE]);
    }
  });

  it('[F26] is not undone or outdone by another one under its key, before, between and after', async () => {
    const accountId = await openAccount();
    const good = withLedger(db.terms);
    const away = withLedger({
      setLimits: async () => {
        throw new Error('the ledger is away');
      },
    });
    await expect(away.changeTerms(change(accountId, '3'))).rejects.toThrow('away');
    expect(told(await good.changeTerms(change(accountId, '9')))).toBe('idempotency_mismatch');
    expect([await spendLimit(accountId), await audited(accountId)]).toEqual([null, []]);
    expect(told(await good.changeTerms(change(accountId, '3')))).toBe('changed');
    expect(told(await good.changeTerms(change(accountId, '9')))).toBe('idempotency_mismatch');
    expect([await spendLimit(accountId), await audited(accountId)]).toEqual(['3.000000', [LINE]]);
  });

  it('is refused where the account is not active, unless it was begun before', async () => {
    const accountId = await openAccount();
    const good = withLedger(db.terms);
    await expect(losing().changeTerms(change(accountId, '3'))).rejects.toThrow('lost');
    await setStatus(accountId, 'suspended');
    expect(told(await good.changeTerms(change(accountId, '9', 'another')))).toBe('account_not_active');
    expect(told(await good.changeTerms(change(accountId, '3')))).toBe('changed');
    expect([await spendLimit(accountId), await audited(accountId)]).toEqual(['3.000000', [LINE]]);
    await setStatus(accountId, 'active');
    // A refusal is not kept: the same request is decided anew.
    expect(told(await good.changeTerms(change(accountId, '9', 'another')))).toBe('changed');
  });

  it('is refused where whoever asked is no owner any more, unless it was begun before', async () => {
    const accountId = await openAccount();
    const good = withLedger(db.terms);
    await expect(losing().changeTerms(change(accountId, '3'))).rejects.toThrow('lost');
    await setRole(accountId, 'member');
    expect(told(await good.changeTerms(change(accountId, '9', 'another')))).toBe('role_changed');
    expect(told(await good.changeTerms(change(accountId, '3')))).toBe('changed');
    expect([await spendLimit(accountId), await audited(accountId)]).toEqual(['3.000000', [LINE]]);
  });
});
