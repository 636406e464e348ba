// Goal: staff give credits once, and never alone where they are many. Method: the running stack with staff who are
// signed in; a worker that dies where it hurts.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grantWorkflowId } from '@fairmeter/contracts';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { DAY_MS, Granting, grantIdOf } from '../harness/granting.js';
import { openBot } from '../harness/people.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';

/** A worker that went away is missed when the task that it had taken is overdue. */
const TAKEN_OVER_WITHIN_MS = 40_000;

let granting: Granting;
let stack: TestStack;
let support: StaffClient;
let admin: StaffClient;
let otherAdmin: StaffClient;

beforeAll(async () => {
  granting = await Granting.open();
  ({ stack, support, admin, otherAdmin } = granting);
}, 60_000);
afterAll(async () => {
  await granting.close();
}, 60_000);

describe('a grant', () => {
  it('[F18] is one lot however often it is asked for by one key, and is told once', async () => {
    const account = await granting.account();
    const wish = { kind: 'admin', credits: '40' };
    const asked = await Promise.all(Array.from({ length: 5 }, async () => account.ask(support, wish, 'once')));
    expect(asked.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(asked.map(grantIdOf)).size).toBe(1);
    const again = await account.ask(support, wish, 'once');
    expect(again.body).toMatchObject({
      state: 'notified',
      credits: '40.000000',
      decided_by: null,
      reason: 'For a test',
    });
    expect(await account.lots()).toMatchObject([
      { id: again.body['lot_id'], kind: 'bonus_admin', granted: '40.000000', expires_at: null },
    ]);
    expect(await account.events()).toMatchObject([
      { type: 'credits.granted', payload: { lot_id: again.body['lot_id'], kind: 'bonus_admin', amount: '40.000000' } },
    ]);
    expect((await account.ask(support, { ...wish, credits: '41' }, 'once')).body).toMatchObject({
      code: 'idempotency_mismatch',
    });
    // The same key of somebody else is another request.
    expect(grantIdOf(await account.ask(admin, wish, 'once'))).not.toBe(grantIdOf(again));
    expect(await account.available()).toBe('80.000000');
    await granting.keep('alone', again);
  });

  it('[F18] above the limit waits for a second person, and hears neither the first nor one who may not', async () => {
    const account = await granting.account();
    const large = await account.ask(admin, { kind: 'promo', credits: '1000.000001' });
    expect([large.status, large.body]).toMatchObject([201, { state: 'requested', lot_id: null, decided_by: null }]);
    expect((await admin.call('GET', '/v1/staff/grants?state=requested')).body).toMatchObject({
      data: expect.arrayContaining([large.body]),
    });
    expect((await granting.decide(admin, large, 'approve')).body).toMatchObject({
      status: 403,
      code: 'second_person_needed',
    });
    expect((await granting.decide(support, large, 'approve')).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await account.lots()).toEqual([]);
    expect(await account.list('/v1/account/grants')).toEqual([]);
    const approved = await granting.decide(otherAdmin, large, 'approve');
    expect([approved.status, approved.body]).toMatchObject([
      200,
      { state: 'notified', decided_by: await otherAdmin.userId() },
    ]);
    expect((await granting.decide(otherAdmin, large, 'approve')).body).toEqual(approved.body);
    expect((await granting.decide(otherAdmin, large, 'reject')).body).toMatchObject({
      status: 409,
      code: 'grant_decided',
    });
    expect(await account.available()).toBe('1000.000001');
    expect((await admin.call('GET', '/v1/staff/grants?state=requested')).body).not.toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: grantIdOf(large) })]),
    });
    await granting.keep('approved', large);
  });

  it('[F18] of support waits above 100 credits, and two who approve at once post it once', async () => {
    const account = await granting.account();
    expect((await account.ask(support, { kind: 'compensation', credits: '100' })).body['state']).toBe('notified');
    const large = await account.ask(support, { kind: 'compensation', credits: '100.000001' });
    expect(large.body['state']).toBe('requested');
    const both = await Promise.all([
      granting.decide(admin, large, 'approve'),
      granting.decide(otherAdmin, large, 'approve'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await account.available()).toBe('200.000001');
    expect(await account.lots()).toHaveLength(2);
  });

  it('[F18] that is rejected posts nothing, and cannot be approved any more', async () => {
    const account = await granting.account();
    const large = await account.ask(support, { kind: 'admin', credits: '500' });
    const rejected = await granting.decide(admin, large, 'reject');
    expect(rejected.body).toMatchObject({ state: 'rejected', lot_id: null });
    expect((await granting.decide(otherAdmin, large, 'approve')).body).toMatchObject({
      code: 'grant_decided',
      state: 'rejected',
    });
    const own = await account.ask(support, { kind: 'admin', credits: '600' });
    expect((await granting.decide(support, own, 'reject')).body).toMatchObject({ state: 'rejected' });
    expect(await account.lots()).toEqual([]);
    expect(await account.events()).toEqual([]);
  });

  it('is rejected by itself when nobody decides in time', async () => {
    const account = await granting.account();
    const large = await account.ask(support, { kind: 'admin', credits: '500' });
    await skipWorkflow(stack, grantWorkflowId(grantIdOf(large)), { by: 14 * DAY_MS + 60_000 });
    expect((await granting.decide(admin, large, 'approve')).body).toMatchObject({
      code: 'grant_decided',
      state: 'rejected',
    });
    expect(await account.lots()).toEqual([]);
    await granting.keep('not-decided', large);
  });

  it('[F26] leaves a line for each request and decision, with who and why', async () => {
    const account = await granting.account();
    const large = await account.ask(support, { kind: 'admin', credits: '500', reason: 'A long outage' });
    await granting.decide(admin, large, 'approve');
    expect(await account.list(`/v1/audit?target_id=${grantIdOf(large)}`)).toMatchObject([
      {
        action: 'grant.approved',
        actor: { role: 'admin', id: await admin.userId() },
        reason: 'Looked at it',
        before: { state: 'requested' },
        after: { state: 'approved', credits: '500.000000' },
      },
      {
        action: 'grant.requested',
        actor: { role: 'support', id: await support.userId() },
        reason: 'A long outage',
        before: null,
        after: { kind: 'admin', credits: '500.000000' },
      },
    ]);
  });

  it('[F18] has one lot when the worker dies between the ledger and the answer', async () => {
    const home = await TestStack.open({ api: { OIDC_ISSUERS: granting.issuer.setting } });
    try {
      let died = 0;
      const first = await home.startWorkerLike({
        around: ({ grantActivities }) => ({
          grantActivities: {
            // As a machine that goes away after the ledger's commit and before that of the row.
            issueGrant: async (grant) => {
              await grantActivities.issueGrant(grant);
              await home.entities.manager.query(
                `UPDATE records.grants SET state = 'approved', lot_id = NULL WHERE id = $1`,
                [grant.grantId],
              );
              died += 1;
              throw new Error('the machine went away');
            },
          },
        }),
      });
      await home.startApi({ ADMIT_DEADLINE_MS: '1500' });
      const { accountId } = await openBot(home);
      const staff = StaffClient.of(home, granting.issuer, 'support');
      const ask = async (): Promise<Answer> =>
        staff.call('POST', `/v1/staff/accounts/${accountId}/grants`, {
          body: { kind: 'admin', credits: '7', reason: 'For a test' },
          key: 'one',
        });
      expect((await ask()).body).toMatchObject({ status: 503, code: 'grant_unknown' });
      await until(
        async () => died,
        (count) => count > 1,
      );
      await first.stop();
      await home.startWorker();
      const stood = await until(ask, ({ status }) => status === 201, TAKEN_OVER_WITHIN_MS);
      expect(stood.body).toMatchObject({ state: 'notified' });
      const lots = await home.entities.manager.query<{ id: string }[]>(
        'SELECT id FROM ledger.lots WHERE account_id = $1',
        [accountId],
      );
      expect(lots).toEqual([{ id: stood.body['lot_id'] }]);
      await expectLedgerHolds(home);
    } finally {
      await home.stop();
    }
  }, 60_000);
});
