// Goal: what is given stacks, can be told apart, ends when it was said to, and rewards a contribution once. Method: the
// running stack; the workflow's own clock moved ahead for what takes weeks.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { grantWorkflowId } from '@fairmeter/contracts';
import { accountScope, instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { DAY_MS, Granting, grantIdOf, inDays } from '../harness/granting.js';
import type { StaffClient } from '../harness/staff.js';
import type { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';

let granting: Granting;
let stack: TestStack;
let support: StaffClient;
let admin: StaffClient;

beforeAll(async () => {
  granting = await Granting.open();
  ({ stack, support, admin } = granting);
}, 60_000);
afterAll(async () => {
  await granting.close();
}, 60_000);

describe('what an account is given', () => {
  it('[E10] [E12] stacks: each source is a kind of its own, a lot of its own, and can be asked for alone', async () => {
    const account = await granting.account();
    const gift = { rule: 'feedback', contribution_reference: newId('req') };
    const kinds = { admin: 'bonus_admin', promo: 'bonus_promo', compensation: 'compensation' };
    for (const kind of Object.keys(kinds)) await account.ask(support, { kind, credits: '10' });
    await account.ask(support, { kind: 'admin', credits: '10' });
    await account.ask(support, { kind: 'community', ...gift });
    expect(await account.available()).toBe('45.000000');
    expect((await account.lots()).map(({ kind }) => kind).sort()).toEqual(
      [...Object.values(kinds), 'bonus_admin', 'bonus_community'].sort(),
    );
    for (const kind of [...Object.keys(kinds), 'community']) {
      const found = await account.list(`/v1/account/grants?kind=${kind}`);
      expect([kind, new Set(found.map((grant) => grant['kind'])), found.length]).toEqual([
        kind,
        new Set([kind]),
        kind === 'admin' ? 2 : 1,
      ]);
    }
    const first = await account.owner.call('GET', '/v1/account/grants?limit=3');
    const rest = await account.owner.call(
      'GET',
      `/v1/account/grants?limit=3&cursor=${String(first.body['next_cursor'])}`,
    );
    expect([first.body['data'], rest.body['data']]).toMatchObject([{ length: 3 }, { length: 2 }]);
    expect(rest.body['next_cursor']).toBeNull();
  });

  it('[E11] says its end, is warned of a week ahead, leaves the total with it and is listed as expired', async () => {
    const account = await granting.account();
    const end = inDays(30);
    const dated = await account.ask(support, { kind: 'promo', credits: '30', expires_at: end });
    const lasting = await account.ask(support, { kind: 'promo', credits: '12' });
    expect(dated.body).toMatchObject({ expires_at: end, state: 'notified' });
    expect(await account.list('/v1/account/grants')).toMatchObject([
      { id: grantIdOf(lasting), state: 'granted', expires_at: null },
      { id: grantIdOf(dated), state: 'granted', expires_at: end },
    ]);
    expect(await account.available()).toBe('42.000000');
    const workflowId = grantWorkflowId(grantIdOf(dated));
    await skipWorkflow(stack, workflowId, { to: Date.parse(end) - 7 * DAY_MS + 60_000 });
    expect((await account.events()).at(-1)).toMatchObject({
      type: 'credits.ending_soon',
      payload: { lot_id: dated.body['lot_id'], left: '30.000000', expires_at: end, available: '42.000000' },
    });
    expect(await account.available()).toBe('42.000000');
    await skipWorkflow(stack, workflowId, { to: Date.parse(end) + 60_000 });
    expect((await account.events()).at(-1)).toMatchObject({
      type: 'credits.lapsed',
      payload: { amount: '30.000000', available: '12.000000' },
    });
    expect(await account.available()).toBe('12.000000');
    expect(await account.list('/v1/account/grants')).toMatchObject([{ state: 'granted' }, { state: 'expired' }]);
    const ended = (await account.lots()).find(({ id }) => id === dated.body['lot_id']);
    expect(ended).toMatchObject({ state: 'ended', lapsed: '30.000000', open: '0.000000' });
    await granting.keep('dated', dated);
  }, 30_000);

  it('[E11] says nothing of an end when nothing is left of it', async () => {
    const account = await granting.account();
    const dated = await account.ask(support, { kind: 'promo', credits: '30', expires_at: inDays(30) });
    const owner = { scopeId: accountScope(account.id), accountId: account.id };
    await stack.grants.endAll({ owner, endKey: 'all', asOf: instant(Date.now()) });
    const workflowId = grantWorkflowId(grantIdOf(dated));
    await skipWorkflow(stack, workflowId, { by: 31 * DAY_MS });
    await stack.temporal.client.workflow.getHandle(workflowId).result();
    expect((await account.events()).map(({ type }) => type)).toEqual(['credits.granted', 'credits.lapsed']);
  }, 30_000);

  it('[E42] is told to everybody how to earn, and each contribution is rewarded once, whoever names it', async () => {
    const { data } = (await (await fetch(`${stack.apiUrl}/v1/earning-rules`)).json()) as {
      data: { id: string; title: string; credits: string }[];
    };
    expect(data.map(({ id }) => id)).toEqual(['feedback', 'bug_report', 'community_build']);
    const account = await granting.account();
    const other = await granting.account();
    const reference = `tracker/${newId('req').toUpperCase()}`;
    const wish = { kind: 'community', rule: 'bug_report', contribution_reference: reference };
    const rewarded = await account.ask(support, wish);
    expect(rewarded.body).toMatchObject({
      state: 'notified',
      credits: data[1]?.credits,
      contribution: { rule: 'bug_report', reference },
    });
    const spelled = { ...wish, rule: 'feedback', contribution_reference: ` ${reference.toLowerCase()}` };
    for (const again of [await account.ask(admin, wish), await other.ask(support, spelled)]) {
      expect([again.status, again.body['code']]).toEqual([409, 'contribution_rewarded']);
    }
    expect(await account.available()).toBe(data[1]?.credits);
    expect(await other.available()).toBe('0.000000');
  });

  it('[E42] of two who reward a contribution at once one is heard', async () => {
    const accounts = await Promise.all([granting.account(), granting.account()]);
    const wish = { kind: 'community', rule: 'feedback', contribution_reference: newId('req') };
    const answers = await Promise.all(accounts.map(async (account) => account.ask(support, wish)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('is refused for what makes no sense, and for whom there is not', async () => {
    const account = await granting.account();
    const wish = { kind: 'admin', credits: '1' };
    for (const [body, pointer] of [
      [{ ...wish, credits: '0' }, '/credits'],
      [{ ...wish, credits: '1000000.1' }, '/credits'],
      [{ ...wish, reason: '' }, '/reason'],
      [{ ...wish, kind: 'gift' }, '/kind'],
      [{ ...wish, expires_at: inDays(-1) }, '/expires_at'],
      [{ ...wish, expires_at: inDays(3_000) }, '/expires_at'],
      [{ ...wish, rule: 'feedback' }, '/rule'],
      [{ kind: 'community', rule: 'feedback', contribution_reference: 'x', credits: '99' }, '/credits'],
      [{ kind: 'community', rule: 'feedback' }, '/contribution_reference'],
    ] as const) {
      const refused = await account.ask(support, body);
      expect([refused.status, refused.body['errors']]).toMatchObject([422, [{ pointer }]]);
    }
    const path = '/v1/staff/accounts/acc_none/grants';
    const nobody = await support.call('POST', path, { body: { ...wish, reason: 'x' }, key: 'k' });
    expect(nobody.body).toMatchObject({ status: 404, code: 'account_not_found' });
    const keyless = await support.call('POST', path, { body: { ...wish, reason: 'x' } });
    expect(keyless.body).toMatchObject({ code: 'idempotency_key_missing' });
    const none = await support.call('POST', '/v1/staff/grants/grt_none/reject', { body: { reason: 'x' } });
    expect(none.body).toMatchObject({ status: 404, code: 'grant_not_found' });
    await stack.entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [account.id]);
    expect((await account.ask(support, wish)).body).toMatchObject({ code: 'account_not_active' });
  });

  it('is nothing that staff give to an account of their own', async () => {
    const account = await granting.account();
    await stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`,
      [account.id, await support.userId()],
    );
    const refused = await account.ask(support, { kind: 'admin', credits: '1' });
    expect([refused.status, refused.body['code']]).toEqual([403, 'forbidden']);
  });
});
