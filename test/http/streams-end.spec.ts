// Goal: a stream lasts no longer than the right to it. Method: readers of every kind of credential follow a job or the
// figures, quietly; each loses the credential in its own way, and one keeps it.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { hashApiKey, hashSecret, newSecret } from '@fairmeter/records';
import { BotClient } from '../harness/bot-client.js';
import { giveCredits, openAccountKey, openBot, type TestBot } from '../harness/people.js';
import { reply, byStage } from '../harness/scripts.js';
import { SignedIn, TestIssuer, subscriptionStands } from '../harness/signed-in.js';
import { StallingModel } from '../harness/stalling-model.js';
import { TestStack } from '../harness/test-stack.js';
import { claimsOf, forge, holding, visit, VISITOR_ENV } from '../harness/visitors.js';

/** The credential is asked for every three seconds, and one of these runs out after four. */
const ENDS_WITHIN_MS = 9_000;

interface Reading {
  readonly ended: Promise<number>;
  readonly isOpen: () => boolean;
  close(): void;
}

describe('a stream', () => {
  let stack: TestStack;
  let issuer: TestIssuer;
  let bot: TestBot;
  let accountId: string;
  let owner: SignedIn;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    const models = new StallingModel(byStage({ plan: Array.from({ length: 4 }, () => reply('a plan')) }).port, {
      stage: 'plan',
      textBytes: 1,
    });
    stack = await TestStack.start({ models, api: { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting } });
    owner = new SignedIn(stack.apiUrl, issuer.token({ sub: 'streams-owner' }));
    const { accounts } = (await owner.get('/v1/me')).body as { accounts: { account_id: string }[] };
    accountId = accounts[0]?.account_id ?? '';
    // What comes with the account is there: nothing of it is written over what follows.
    await subscriptionStands(owner);
    await stack.entities.manager.query(`UPDATE records.accounts SET plan_id = 'plan_custom' WHERE id = $1`, [
      accountId,
    ]);
    bot = await openBot(stack, { accountId });
    await giveCredits(stack, accountId, '1000');
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const read = async (path: string, headers: Readonly<Record<string, string>>): Promise<Reading> => {
    const line = new AbortController();
    const response = await fetch(`${stack.apiUrl}${path}`, { headers, signal: line.signal });
    expect([path, response.status]).toEqual([path, 200]);
    let isOpen = true;
    const ended = response.text().then(
      () => {
        isOpen = false;
        return performance.now();
      },
      () => Infinity,
    );
    return { ended, isOpen: () => isOpen, close: () => line.abort() };
  };
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

  const memberOf = async (sub: string): Promise<SignedIn> => {
    const member = new SignedIn(stack.apiUrl, issuer.token({ sub }));
    const userId = String((await member.get('/v1/me')).body['user_id']);
    const join = `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`;
    await stack.entities.manager.query(join, [accountId, userId]);
    return member;
  };

  /** As the page has one after signing in. */
  const sessionOf = async (person: SignedIn): Promise<string> => {
    const [token, userId] = [newSecret('fms_'), (await person.get('/v1/me')).body['user_id']];
    await stack.entities.manager.query(
      `INSERT INTO records.sessions (id, token_hash, user_id, expires_at) VALUES ($1, $2, $3, now() + interval '1 h')`,
      [newId('ses'), hashSecret(token), userId],
    );
    return token;
  };

  it('ends within seconds once key, token, session or membership of its reader does not hold', async () => {
    const client = new BotClient(stack, bot);
    const jobId = String((await client.submit({ key: 'long' })).body['id']);
    const lasting = await openAccountKey(stack, accountId, ['visitors']);
    const [shut, byLasting] = [await openBot(stack, { accountId }), { ...bot, key: lasting }];
    const [ann, ben] = [await visit(stack, byLasting, 'stream-ann'), await visit(stack, bot, 'stream-ben')];
    const cleo = await visit(stack, { ...shut, key: lasting }, 'stream-cleo');
    const [ofAnn = '', ofBen = '', ofCleo = ''] = await Promise.all(
      [ann, ben, cleo].map(async (who) => String((await who.client.submit({ key: 'long' })).body['id'])),
    );
    const member = await memberOf('streams-member');
    const kept = await openAccountKey(stack, accountId, ['account', 'read']);
    const narrowed = await openAccountKey(stack, accountId, ['account', 'read']);
    const now = (): number => Math.floor(Date.now() / 1_000);
    // Both are made when they are used: requests before them could take the time that is left.
    const shortly = (): string => issuer.token({ sub: 'streams-owner', exp: now() - 1 });
    const brief = async (): Promise<string> => forge({ ...claimsOf(ann), exp: now() + 4 });
    const inAccount = { 'fairmeter-account': accountId };
    const figures = '/v1/account/credits/stream';
    const session = await sessionOf(owner);
    const readings = {
      keyOfTheBot: await read(`/v1/jobs/${jobId}/events`, bearer(bot.key)),
      member: await read(figures, { ...bearer(member.token), ...inAccount }),
      keyWithFewerRights: await read(figures, bearer(narrowed)),
      tokenOfAnIssuer: await read(figures, { ...bearer(shortly()), ...inAccount }),
      session: await read(figures, { cookie: `fairmeter_session=${session}`, ...inAccount }),
      visitor: await read(`/v1/jobs/${ofAnn}/events`, bearer(await brief())),
      visitorByKeyOfTheBot: await read(`/v1/jobs/${ofBen}/events`, bearer(ben.token)),
      visitorOfArchivedBot: await read(`/v1/jobs/${ofCleo}/events`, bearer(cleo.token)),
    };
    const [stays, alsoStays] = [
      await read(figures, bearer(kept)),
      await read(`/v1/jobs/${ofAnn}/events`, bearer(ann.token)),
    ];
    const { manager } = stack.entities;
    await manager.query(`UPDATE records.api_keys SET revoked_at = now() WHERE bot_id = $1`, [bot.botId]);
    await manager.query(`UPDATE records.bots SET archived_at = now() WHERE id = $1`, [shut.botId]);
    await manager.query(`UPDATE records.memberships SET removed_at = now() WHERE account_id = $1 AND role = 'member'`, [
      accountId,
    ]);
    await manager.query(`UPDATE records.api_keys SET scopes = '{read}' WHERE secret_hash = $1`, [hashApiKey(narrowed)]);
    await manager.query('DELETE FROM records.sessions WHERE token_hash = $1', [hashSecret(session)]);
    const from = performance.now();
    for (const [who, { ended }] of Object.entries(readings)) {
      const took = await Promise.race([ended.then((at) => at - from), sleep(ENDS_WITHIN_MS, Infinity)]);
      expect([who, took < ENDS_WITHIN_MS]).toEqual([who, true]);
    }
    expect([stays.isOpen(), alsoStays.isOpen()]).toEqual([true, true]);
    const account = holding(stack, bot, await openAccountKey(stack, accountId, ['submit']));
    for (const reading of [stays, alsoStays]) reading.close();
    const others = [jobId, ofBen, ofCleo].map(async (id) => account.steer(id, 'cancel'));
    await Promise.all([...others, ann.client.steer(ofAnn, 'cancel')]);
  }, 40_000);
});
