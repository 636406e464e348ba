// Goal: staff list what was changed in every account and in none, with who and from what to what, and nobody else does.
// Method: the running stack; the roles of the database as they log in.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { readAuditForStaff, recordsEntities, writeAudit } from '@fairmeter/records';
import { staffAuditBody } from '../../apps/api/src/audit/audit-body.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';

let stack: TestStack;
let issuer: TestIssuer;
let bot: TestBot;
let other: TestBot;
let owner: OwnerClient;
let admin: StaffClient;
let support: StaffClient;
let incidentId: string;
let reader: TenantDatabase;

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
  await stack.startApi();
  const { readerUrl: url } = stack.database;
  const role = { url, maxConnections: 1, entities: recordsEntities, applicationName: 'test-reader' };
  reader = await TenantDatabase.open(role);
  bot = await openBot(stack);
  other = await openBot(stack);
  owner = await OwnerClient.open(stack, bot.accountId);
  admin = StaffClient.of(stack, issuer, 'admin');
  support = StaffClient.of(stack, issuer, 'support');
  const body = { from: '2026-01-01T00:00:00Z', scope: 'all', description: 'Slow' };
  incidentId = String((await admin.call('POST', '/v1/admin/incidents', { body, key: 'slow' })).body['id']);
  await admin.call('PATCH', `/v1/admin/incidents/${incidentId}`, { body: { description: 'Slow and wrong' } });
  for (const most of [2, 3]) {
    await owner.call('PATCH', `/v1/bots/${bot.botId}`, { body: { default_max_iterations: most } });
  }
  const stranger = await OwnerClient.open(stack, other.accountId);
  await stranger.call('PATCH', `/v1/bots/${other.botId}`, { body: { default_max_iterations: 4 } });
}, 60_000);
afterAll(async () => {
  await reader.close();
  await stack.stop();
  await issuer.close();
}, 60_000);

type Lines = ReturnType<typeof staffAuditBody.parse>;

const listed = async (query = '', by = support): Promise<Lines> => {
  const { status, body } = await by.call('GET', `/v1/admin/audit${query}`);
  expect([query, status, body['code']]).toEqual([query, 200, undefined]);
  return staffAuditBody.strict().parse(body);
};

describe('GET /v1/admin/audit', () => {
  it('[F26] lists what staff did in no account, with actor, before and after', async () => {
    const actor = { role: 'admin', id: await admin.userId() };
    const { data } = await listed('?account_id=none');
    expect(data).toMatchObject([
      {
        ...{ account_id: null, actor, action: 'incident.changed', target_id: incidentId },
        ...{ before: { scope: 'all' }, after: { scope: 'all' }, request_id: expect.any(String) },
      },
      { account_id: null, actor, action: 'incident.added', target_id: incidentId, before: null },
    ]);
    expect(data[0]?.before).not.toEqual(data[0]?.after);
    expect(JSON.stringify(data)).not.toContain('Slow');
    expect((await listed('?account_id=none', admin)).data).toEqual(data);
  });

  it('[F26] lists by account, actor, action and what was changed, the newest first, page by page', async () => {
    const all = await listed();
    const accounts = new Set(all.data.map(({ account_id: of }) => of));
    expect(accounts).toEqual(new Set([null, bot.accountId, other.accountId]));
    expect(all.data.map(({ id }) => id)).toEqual([...all.data.map(({ id }) => id)].sort().reverse());
    const own = await listed(`?account_id=${bot.accountId}`);
    expect(own.data.map(({ after }) => after?.['default_max_iterations'])).toEqual([3, 2]);
    const keyId = String(own.data[0]?.actor.id);
    expect((await listed(`?actor_id=${keyId}`)).data).toEqual(own.data);
    const changed = await listed('?action=bot.changed');
    expect(changed.data.map(({ target_id: target }) => target)).toEqual([other.botId, bot.botId, bot.botId]);
    expect((await listed(`?target_id=${other.botId}&account_id=${bot.accountId}`)).data).toEqual([]);
    const first = await listed('?action=bot.changed&limit=2');
    const second = await listed(`?action=bot.changed&limit=2&cursor=${String(first.next_cursor)}`);
    expect([...first.data, ...second.data]).toEqual(changed.data);
    expect(second.next_cursor).toBeNull();
  });

  it('tells the reasons of the staff, and not what others wrote', async () => {
    const targetId = newId('bot');
    for (const role of ['support', 'owner']) {
      await stack.entities.transaction(async (tx) =>
        writeAudit(tx, {
          accountId: bot.accountId,
          actor: { role, id: newId('usr') },
          action: 'bot.looked_at',
          targetId,
          before: null,
          after: null,
          reason: { subject: newId('usr'), text: `As ${role} said` },
        }),
      );
    }
    const { data } = await listed(`?target_id=${targetId}`);
    expect(data.map(({ actor, reason }) => [actor.role, reason])).toEqual([
      ['owner', null],
      ['support', 'As support said'],
    ]);
  });

  it('is shut to everybody else, in the database itself too, and to questions it does not understand', async () => {
    const refused = await owner.call('GET', '/v1/admin/audit');
    expect([refused.status, refused.body['code']]).toEqual([403, 'forbidden']);
    const userId = await support.userId();
    const page = { before: null, limit: 10 };
    const asSubject = async (subject: string, accountId = ''): Promise<number> =>
      reader.asTenant({ accountId, subject }, async (tx) => (await readAuditForStaff(tx, page)).length);
    for (const subject of [userId, `staff/${newId('usr')}`, bot.accountId, '']) {
      expect([subject, await asSubject(subject, bot.accountId)]).toEqual([subject, 0]);
    }
    expect(await asSubject(`staff/${userId}`)).toBeGreaterThan(0);
    for (const query of ['account_id=mine', 'account_id=', 'actor_id=%20', 'action=Bot', 'cursor=MTpsb3Rz', 'who=me']) {
      const wrong = await support.call('GET', `/v1/admin/audit?${query}`);
      expect([query, wrong.status, wrong.body['code']]).toEqual([query, 422, 'validation_failed']);
    }
  });
});
