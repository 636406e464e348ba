// Goal: what an account's status does not allow is refused at every door, and what it allows is not. Method: the
// domain's table, walked act by act, each at every door that belongs to it, by the people and keys of an account in
// each status.
import { ACCOUNT_STATUSES, accountMay, type AccountAct, type AccountStatus } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../apps/api/src/callers/caller.js';
import { EveryRole } from '../harness/every-role.js';
import { threeSteps } from '../harness/scripts.js';
import { TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { VISITOR_ENV } from '../harness/visitors.js';

interface Door {
  readonly act: AccountAct;
  readonly by: Role;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

const answers = { purpose_clear: true, trained_enough: true, results_reviewable: true };

/** In the names of the paths stands what the account has of each kind. */
const DOORS: readonly Door[] = [
  ...[
    ...['/v1/account', '/v1/account/credits', '/v1/account/limits', '/v1/account/subscription'],
    ...['/v1/jobs/{job_id}', '/v1/bots', '/v1/audit'],
  ].map((path): Door => ({ act: 'look', by: 'account_key', method: 'GET', path })),
  { act: 'personal_data', by: 'owner', method: 'GET', path: '/v1/account/personal-data' },
  { act: 'start_work', by: 'bot_key', method: 'POST', path: '/v1/bots/{bot_id}/jobs', body: { prompt: 'Write' } },
  { act: 'start_work', by: 'visitor', method: 'POST', path: '/v1/bots/{bot_id}/jobs', body: { prompt: 'Write' } },
  {
    act: 'start_work',
    by: 'account_key',
    method: 'POST',
    path: '/v1/bots/{bot_id}/visitor-tokens',
    body: { external_ref: 'somebody new' },
  },
  { act: 'set_up', by: 'account_key', method: 'POST', path: '/v1/bot-transfers/{offered_here}/accept' },
  {
    act: 'set_up',
    by: 'account_key',
    method: 'POST',
    path: '/v1/bots',
    body: { type: 'chat', name: 'New', default_model: 'demo-chat' },
  },
  { act: 'set_up', by: 'account_key', method: 'PATCH', path: '/v1/bots/{bot_id}', body: { name: 'Other' } },
  { act: 'set_up', by: 'account_key', method: 'POST', path: '/v1/bots/{bot_id}/publish', body: answers },
  { act: 'set_up', by: 'account_key', method: 'POST', path: '/v1/bots/{bot_id}/unarchive' },
  {
    act: 'set_up',
    by: 'account_key',
    method: 'PUT',
    path: '/v1/bots/{bot_id}/style-guide',
    body: { rules: 'Short sentences.' },
  },
  {
    act: 'set_up',
    by: 'account_key',
    method: 'POST',
    path: '/v1/api-keys',
    body: { name: 'New', scopes: ['read'] },
  },
  { act: 'set_up', by: 'account_key', method: 'PATCH', path: '/v1/api-keys/{key_id}', body: { name: 'Other' } },
  { act: 'set_up', by: 'account_key', method: 'POST', path: '/v1/api-keys/{key_id}/rotate', body: {} },
  {
    act: 'set_up',
    by: 'account_key',
    method: 'PUT',
    path: '/v1/account/limits',
    body: { limits: [{ kind: 'spend', period: 'day', amount: '50' }] },
  },
  {
    act: 'set_up',
    by: 'account_key',
    method: 'PATCH',
    path: '/v1/bots/{bot_id}/funding',
    body: { sales_mode: 'business_direct' },
  },
  {
    act: 'set_up',
    by: 'account_key',
    method: 'PATCH',
    path: '/v1/campaigns/{campaign_id}',
    body: { name: 'Other' },
  },
  {
    act: 'set_up',
    by: 'owner',
    method: 'PUT',
    path: '/v1/account/members/{user_id}/limit',
    body: { amount: '5' },
  },
  { act: 'set_up', by: 'owner', method: 'PATCH', path: '/v1/account', body: { name: 'Other' } },
  { act: 'set_up', by: 'owner', method: 'POST', path: '/v1/account/members', body: { email: 'a@example.test' } },
  { act: 'set_up', by: 'owner', method: 'PATCH', path: '/v1/account', body: { time_zone: 'Europe/Berlin' } },
  {
    act: 'pay',
    by: 'owner',
    method: 'POST',
    path: '/v1/account/subscription/change',
    body: { plan_id: 'plan_standard', previewed_period: null },
  },
  { act: 'pay', by: 'owner', method: 'POST', path: '/v1/account/subscription/cancel' },
  { act: 'pay', by: 'owner', method: 'POST', path: '/v1/account/subscription/undo' },
  { act: 'end_work', by: 'account_key', method: 'POST', path: '/v1/jobs/{job_id}/cancel' },
  { act: 'end_work', by: 'account_key', method: 'POST', path: '/v1/bots/{bot_id}/unpublish' },
  { act: 'end_work', by: 'account_key', method: 'POST', path: '/v1/bots/{bot_id}/archive' },
  { act: 'end_work', by: 'account_key', method: 'DELETE', path: '/v1/bot-packs/{pack_id}' },
  { act: 'end_work', by: 'account_key', method: 'POST', path: '/v1/bot-transfers/{transfer_id}/withdraw' },
  { act: 'end_work', by: 'account_key', method: 'DELETE', path: '/v1/api-keys/{key_id}' },
  { act: 'end_work', by: 'owner', method: 'DELETE', path: '/v1/account/members/{user_id}' },
];

let stack: TestStack;
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.start({ models: threeSteps().port, api: { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting } });
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

/** The status it was answered with, where it was refused its code. */
async function knock({ by, method, path, body }: Door, own: EveryRole): Promise<string> {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => own.things[name] ?? 'trf_none');
  const { token, account } = own.people[by];
  const response = await fetch(`${stack.apiUrl}${place}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(account === undefined ? {} : { 'fairmeter-account': account }),
      ...(method === 'POST' ? { 'idempotency-key': newId('req') } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return response.ok ? 'done' : String((JSON.parse(text) as { code?: string }).code);
}

/** No such offer is there, and nothing to be changed: whoever gets that far is told so. */
const INSIDE = ['done', 'transfer_not_found', 'preview_stale', 'change_without_effect'];

function isLetIn(told: string): boolean {
  return INSIDE.includes(told);
}

describe('every door', () => {
  it.each(ACCOUNT_STATUSES)(
    'of an account that is %s opens to what that allows, and to nothing else',
    async (status) => {
      const own = await EveryRole.open(stack, issuer);
      await stack.entities.manager.query('UPDATE records.accounts SET status = $2 WHERE id = $1', [
        own.accountId,
        status satisfies AccountStatus,
      ]);
      for (const door of DOORS) {
        const told = await knock(door, own);
        // A visitor hears that the bot is closed, and not why.
        const refused = door.by === 'visitor' ? 'bot_private' : 'account_not_active';
        const as = accountMay(status, door.act) ? isLetIn(told) : told === refused;
        expect([door.method, door.path, told, as]).toEqual([door.method, door.path, told, true]);
      }
    },
    60_000,
  );

  describe('of an account that was suspended later', () => {
    let own: EveryRole;
    beforeAll(async () => {
      own = await EveryRole.open(stack, issuer);
    }, 60_000);

    it('tells again what was made while the account was active', async () => {
      const make = async (): Promise<unknown> => {
        const response = await fetch(`${stack.apiUrl}/v1/api-keys`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${own.people.account_key.token}`,
            'content-type': 'application/json',
            'idempotency-key': 'made before',
          },
          body: JSON.stringify({ name: 'One', scopes: ['read'] }),
        });
        const { id, code } = (await response.json()) as Record<string, unknown>;
        return [response.status, id ?? code];
      };
      const made = await make();
      await stack.entities.manager.query(`UPDATE records.accounts SET status = 'suspended' WHERE id = $1`, [
        own.accountId,
      ]);
      expect(await make()).toEqual(made);
    });
  });
});
