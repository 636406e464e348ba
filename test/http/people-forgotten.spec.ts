// A person is forgotten on the real stack: in no account any more, nowhere signed in, and no word is left; books and
// audit keep an id. Addresses of people who never came do not stay for ever either.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { askedHash, hashSecret, sweepInvitations } from '@fairmeter/records';
import { hashOfAsked } from '../../apps/api/src/changes/asked-hash.js';
import { askGrantBody } from '../../apps/api/src/grants/grant-body.js';
import { bodyHash } from '../../apps/api/src/jobs/admission-hashes.js';
import { measure } from '../../apps/api/src/jobs/admission-wish.js';
import { submitBody } from '../../apps/api/src/jobs/submit-body.js';
import { PersonErasureActivitiesOverRecords } from '../../libs/activities/src/people/person-erasure.activities.js';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { giveCredits, openAccountKey, openBot, putOnPlan, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { SignedIn, TestIssuer, subscriptionStands } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { StallingModel } from '../harness/stalling-model.js';
import { TestStack } from '../harness/test-stack.js';
import { stateOfThisRun, tracesOf } from '../harness/traces.js';
import { until } from '../harness/until.js';
import { holding } from '../harness/visitors.js';

const PROMPT = 'My memoirs of the pistachio railway';
const FILE = 'The timetable of the hazelnut line';
const ANSWER = '=== a.js of pistachio cream, with much more to come';
const REQUEST = { prompt: PROMPT, context: [{ path: 'notes.md', text: FILE }] };
const NAME = 'The cashew company of gone';

/** By which somebody who guesses the words could tell that they were these: whole, and as much as a reference has. */
function guesses(): string[] {
  const body = submitBody.parse(REQUEST);
  const asked = askedHash('generate', measure(body, 1_000_000).text);
  return [bodyHash(body), asked].map((hash) => hash.slice(0, 16));
}

describe('a person who is forgotten', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  let models: StallingModel;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    const script = byStage({
      plan: [reply(ANSWER)],
      generate: [{ ...reply(ANSWER), usage: null, chunks: 8 }],
      review: [reply('APPROVED')],
    });
    models = new StallingModel(script.port, { stage: 'generate', textBytes: 0.5 * ANSWER.length });
    stack = await TestStack.start({ models, api: { OIDC_ISSUERS: issuer.setting } });
  }, 60_000);
  afterEach(async () => {
    await expectLedgerHolds(stack);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  interface Known {
    readonly person: SignedIn;
    readonly userId: string;
    readonly accountId: string;
  }
  const addressOf = (sub: string): string => `${sub}@example.test`;
  const comes = async (sub: string): Promise<Known> => {
    const claims = { sub, name: `Name of ${sub}`, email: addressOf(sub), email_verified: true };
    const person = new SignedIn(stack.apiUrl, issuer.token(claims));
    const { body } = await person.get('/v1/me');
    const [account] = body['accounts'] as { account_id: string }[];
    // What comes with the account is there: nothing of it is written over what follows.
    await subscriptionStands(person);
    return { person, userId: String(body['user_id']), accountId: account?.account_id ?? '' };
  };
  const joins = async ({ userId }: Known, { accountId }: Known, role = 'member'): Promise<void> => {
    const sql = 'INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)';
    await stack.entities.manager.query(sql, [accountId, userId, role]);
  };
  const closes = async ({ person, accountId }: Known): Promise<void> => {
    expect((await person.inAccount(accountId).call('POST', '/v1/account/close')).status).toBe(200);
  };
  interface Wish {
    readonly path: string;
    readonly accountId: string;
    readonly body: object;
  }
  const makes = async ({ person }: Known, { path, accountId, body }: Wish): Promise<Answer['body']> => {
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${person.token}`,
        'content-type': 'application/json',
        'idempotency-key': 'one',
        'fairmeter-account': accountId,
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Answer['body'];
  };
  const submit = async (known: Known, { botId, accountId }: TestBot): Promise<string> => {
    return String((await makes(known, { path: `/v1/bots/${botId}/jobs`, accountId, body: REQUEST }))['id']);
  };
  const hashOf = async (jobId: string): Promise<unknown> =>
    stack.entities.manager.query('SELECT body_hash FROM ledger.jobs WHERE id = $1', [jobId]);
  const forget = async ({ person }: Known): Promise<unknown[]> => {
    const { status, body } = await person.call('POST', '/v1/me/erasure');
    return [status, body['code'] ?? body['state'], ...(body['accounts'] === undefined ? [] : [body['accounts']])];
  };
  const lines = async (actorId: string): Promise<string[]> => {
    const rows = await stack.entities.manager.query<{ line: string }[]>(
      `SELECT concat_ws(' ', action, target_id, account_id) AS line FROM records.audit
       WHERE actor_id = $1 AND action IN ('member.forgotten', 'key.revoked', 'invitation.withdrawn') ORDER BY id`,
      [actorId],
    );
    return rows.map(({ line }) => line);
  };

  it('[E24] leaves every account and no word, ends work and sessions, and keeps no key to any door', async () => {
    const [team, gone] = [await comes('team'), await comes('gone')];
    await joins(gone, team, 'owner');
    await putOnPlan(stack, team.accountId, 'plan_premium');
    const bot = await openBot(stack, { accountId: team.accountId });
    await giveCredits(stack, team.accountId, '100');
    const key = { name: 'A key', scopes: ['read', 'account'] };
    const made = await makes(gone, { path: '/v1/api-keys', accountId: team.accountId, body: key });
    const invited = await team.person.call('POST', '/v1/account/members', { email: addressOf('gone') });
    expect([invited.status, made['state']]).toEqual([201, 'active']);
    const session = 'INSERT INTO records.sessions (id, token_hash, user_id, expires_at) VALUES ($1, $2, $3, $4)';
    const end = new Date(Date.now() + 60_000);
    await stack.entities.manager.query(session, ['ses_gone', hashSecret('of gone'), gone.userId, end]);
    const quote = await makes(gone, {
      path: '/v1/quotes',
      accountId: team.accountId,
      body: { ...REQUEST, bot_id: bot.botId },
    });
    const theirs = gone.person.inAccount(team.accountId);
    const asked = await theirs.call('POST', '/v1/account/members', { email: addressOf('friend') });
    const renamed = await gone.person.inAccount(gone.accountId).call('PATCH', '/v1/account', { name: NAME });
    expect([quote['bot_id'], asked.status, renamed.status]).toEqual([bot.botId, 201, 200]);
    const jobId = await submit(gone, bot);
    await until(
      async () => Promise.resolve(models.stalled.length),
      (calls) => calls > 0,
    );
    const said = [PROMPT, FILE, ANSWER.slice(0, 20), addressOf('gone'), addressOf('friend'), 'Name of gone', NAME];
    const words = [...said, ...guesses()];
    expect(await tracesOf(stack, words)).toEqual(
      expect.arrayContaining([
        `records.texts: ${PROMPT}`,
        `records.users: ${addressOf('gone')}`,
        `records.accounts: ${NAME}`,
        `records.invitations: ${addressOf('friend')}`,
      ]),
    );
    const hashed = await hashOf(jobId);
    // An account is never without an owner.
    expect(await forget(gone)).toEqual([409, 'last_owner', [gone.accountId]]);
    expect((await gone.person.get('/v1/me')).body).toMatchObject({ user_id: gone.userId, email: addressOf('gone') });
    await closes(gone);
    expect(await forget(gone)).toEqual([200, 'erased']);
    expect(await tracesOf(stack, words, stateOfThisRun())).toEqual([]);
    // Not even whoever has the key of the hashes can compare a guess with what the ledger keeps.
    expect(await hashOf(jobId)).not.toEqual(hashed);
    expect((await team.person.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'cancelled', held: '0.000000' });
    const { manager } = stack.entities;
    expect(await manager.query('SELECT * FROM records.users WHERE id = $1', [gone.userId])).toMatchObject([
      { issuer: '', subject: gone.userId, email: null, name: null },
    ]);
    expect(await manager.query('SELECT FROM records.sessions WHERE user_id = $1', [gone.userId])).toEqual([]);
    const { body: members } = await team.person.get('/v1/account/members');
    expect(members).toMatchObject({ members: [{ user_id: team.userId }], invitations: [] });
    const held = await holding(stack, bot, String(made['secret'])).get('/v1/account');
    expect([held.status, held.body['code']]).toEqual([401, 'key_revoked']);
    expect((await lines(gone.userId)).sort()).toEqual(
      [
        `key.revoked ${String(made['id'])} ${team.accountId}`,
        `invitation.withdrawn ${String(asked.body['id'])} ${team.accountId}`,
        `member.forgotten ${gone.userId} ${gone.accountId}`,
        `member.forgotten ${gone.userId} ${team.accountId}`,
      ].sort(),
    );
    // The same identity is somebody new, with nothing of before.
    const back = await comes('gone');
    expect(back.userId).not.toBe(gone.userId);
    expect((await back.person.get('/v1/me')).body['accounts']).toMatchObject([{ account_id: back.accountId }]);
  }, 60_000);

  it('has the hashes of requests rewritten once no word is left, and not each time that some went', async () => {
    const [team, gone] = [await comes('team-of-hashes'), await comes('of-hashes')];
    await joins(gone, team, 'owner');
    await putOnPlan(stack, team.accountId, 'plan_premium');
    const bot = await openBot(stack, { accountId: team.accountId });
    await giveCredits(stack, team.accountId, '100');
    const jobId = await submit(gone, bot);
    const ended = await gone.person.inAccount(team.accountId).once(`/v1/jobs/${jobId}/cancel`);
    expect(ended.body['state']).toBe('cancelled');
    const steps = new PersonErasureActivitiesOverRecords(stack.entities);
    const turn = async (): Promise<unknown[]> => {
      const before = await hashOf(jobId);
      const isLeft = await steps.eraseWordsOfPerson({ userId: gone.userId, requestId: 'req_hashes' });
      return [isLeft, JSON.stringify(await hashOf(jobId)) !== JSON.stringify(before)];
    };
    expect([await turn(), await turn()]).toEqual([
      [true, false],
      [false, true],
    ]);
  }, 30_000);

  it('has no late word written down', async () => {
    const late = await comes('late');
    await closes(late);
    expect(await forget(late)).toEqual([200, 'erased']);
    await stack.entities.manager.query(
      `INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
       VALUES ('txt_late', $1, $2, 'answer', 'far too late', 12)`,
      [late.accountId, late.userId],
    );
    await stack.entities.manager.query(`SELECT records.note_person($1, 'late@example.test', 'Late')`, [late.userId]);
    expect(await tracesOf(stack, ['far too late', 'late@example.test'])).toEqual([]);
  }, 30_000);

  it('[F26] who was of the staff leaves no reason that they gave, in any account, and no late one', async () => {
    const { accountId } = await openBot(stack);
    const shop = await openAccountKey(stack, accountId, ['manage']);
    const bought = await fetch(`${stack.apiUrl}/v1/purchases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shop}`, 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify({ product_id: 'bundle_100' }),
    });
    const purchaseId = String(((await bought.json()) as Answer['body'])['id']);
    const staff = StaffClient.of(stack, issuer, 'support');
    const userId = await staff.userId();
    const reasons = ['Brought us macadamia nuts', 'Spilt almond milk over it'] as const;
    const grant = { kind: 'admin', credits: '5', reason: reasons[0] };
    const path = `/v1/staff/accounts/${accountId}`;
    const granted = await staff.call('POST', `${path}/grants`, { body: grant, key: 'grant' });
    const body = { reason: reasons[1] };
    const reversed = await staff.call('POST', `${path}/purchases/${purchaseId}/reverse`, { body, key: 'reverse' });
    expect([granted.status, reversed.status]).toEqual([201, 200]);
    expect(await tracesOf(stack, reasons)).toEqual(reasons.map((reason) => `records.texts: ${reason}`));
    expect((await staff.call('POST', '/v1/me/erasure')).body).toMatchObject({ state: 'erased' });
    await stack.entities.manager.query(
      `INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
       VALUES ('txt_late_reason', $1, 'staff/' || $2, 'reason', 'far too late a reason', 21)`,
      [accountId, userId],
    );
    const guessed = [
      hashOfAsked(askGrantBody.parse(grant)),
      hashOfAsked({ purchaseId, reason: reasons[1], staff: userId }),
    ];
    expect(await tracesOf(stack, [...reasons, ...guessed, 'far too late a reason'], stateOfThisRun())).toEqual([]);
    // The books say who did what, by an id that leads to nobody.
    const audit = 'SELECT action FROM records.audit WHERE actor_id = $1 ORDER BY id';
    expect(await stack.entities.manager.query(audit, [userId])).toEqual(
      expect.arrayContaining([{ action: 'grant.requested' }]),
    );
  }, 30_000);

  it('leaves one of two owners who go at one moment', async () => {
    const pair = [await comes('one'), await comes('two')] as const;
    const shared = await comes('shared');
    for (const owner of pair) {
      await closes(owner);
      await joins(owner, shared, 'owner');
    }
    const leaves = 'UPDATE records.memberships SET removed_at = now() WHERE account_id = $1 AND user_id = $2';
    await stack.entities.manager.query(leaves, [shared.accountId, shared.userId]);
    const answers = await Promise.all(pair.map(forget));
    expect(answers.map(([status]) => status).sort()).toEqual([200, 409]);
  }, 30_000);
});

describe('an invitation whose time is over', () => {
  it('does not keep the address of whom it was for', async () => {
    const issuer = await TestIssuer.open();
    const stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
    try {
      await stack.startApi();
      const owner = new SignedIn(stack.apiUrl, issuer.token({ sub: 'inviting' }));
      await putOnPlan(stack, String((await owner.get('/v1/account')).body['account_id']), 'plan_premium');
      for (const name of ['old', 'new']) {
        const invited = await owner.call('POST', '/v1/account/members', { email: `${name}.guest@example.test` });
        const seconds = name === 'old' ? -1 : 60;
        const ends = 'UPDATE records.invitations SET expires_at = $2 WHERE id = $1';
        await stack.entities.manager.query(ends, [invited.body['id'], new Date(Date.now() + seconds * 1_000)]);
      }
      expect(await tracesOf(stack, ['old.guest'])).toHaveLength(1);
      expect(await sweepInvitations(stack.entities.manager, instant(Date.now()))).toBe(1);
      expect(await tracesOf(stack, ['old.guest', 'new.guest'])).toEqual(['records.invitations: new.guest']);
      expect((await owner.get('/v1/account/members')).body['invitations']).toHaveLength(1);
    } finally {
      await stack.stop();
      await issuer.close();
    }
  }, 60_000);
});
