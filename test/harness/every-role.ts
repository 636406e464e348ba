// Test harness. One account with somebody of every role, and something of every kind that may be asked for: what it
// takes to try each cell of the table of rights.
import { newId } from '@fairmeter/platform/database';
import type { Role } from '../../apps/api/src/callers/caller.js';
import type { Answer } from './bot-client.js';
import { BotClient } from './bot-client.js';
import { WISH } from './custom-planning.js';
import { OwnerClient } from './owner-client.js';
import { addKey, giveCredits, openAccountKey, openBot, openTestKey, type TestBot } from './people.js';
import { SignedIn, type TestIssuer, subscriptionStands } from './signed-in.js';
import type { TestStack } from './test-stack.js';
import { visit } from './visitors.js';

export interface Someone {
  readonly token: string;
  /** Where somebody belongs to more than one. */
  readonly account?: string;
}

const OF_A_BOT = ['submit', 'read', 'report', 'visitors'];
const EVERY_SCOPE = [...OF_A_BOT, 'account', 'manage'];
/** No test key sets anything up. */
const EVERY_TEST_SCOPE = [...OF_A_BOT, 'account'];

export class EveryRole {
  private constructor(
    readonly accountId: string,
    readonly people: Readonly<Record<Role, Someone>>,
    /** A key of the account that may do nothing at all. */
    readonly powerless: Someone,
    /** Keys of the test environment, with every scope that one may have, and a job of theirs. */
    readonly testing: Readonly<Record<'bot_key' | 'account_key', Someone>> & { readonly jobId: string },
    /** By the names of the parameters in the paths; its job is one that a key of the bot asked for. */
    readonly things: Readonly<Record<string, string>>,
    /** Jobs that others asked for: each is that person's, or that visitor's. */
    readonly jobs: Readonly<Record<'owner' | 'member' | 'visitor', string>>,
  ) {}

  static async open(stack: TestStack, issuer: TestIssuer): Promise<EveryRole> {
    const name = newId('usr');
    const owner = new SignedIn(stack.apiUrl, issuer.token({ sub: `owner-${name}` }));
    const member = new SignedIn(stack.apiUrl, issuer.token({ sub: `member-${name}` }));
    const accountId = await accountOf(owner);
    const memberId = await userOf(member);
    // What comes with the account is there: nothing of it is written over what follows.
    await subscriptionStands(owner);
    const { manager } = stack.entities;
    await manager.query(`INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`, [
      accountId,
      memberId,
    ]);
    await manager.query(`UPDATE records.accounts SET plan_id = 'plan_custom' WHERE id = $1`, [accountId]);
    await giveCredits(stack, accountId, '100');
    const bot = await openBot(stack, { accountId });
    const botKey = `fm_live_${newId('key')}`;
    await addKey(stack, { ...bot, key: botKey }, OF_A_BOT);
    const accountKey = await openAccountKey(stack, accountId, EVERY_SCOPE);
    const visitor = await visit(stack, { ...bot, key: botKey }, 'a visitor');
    const threadId = newId('req');
    const ownersJob = await jobOf(stack, bot, { token: owner.token, account: accountId, thread_id: threadId });
    const staff = (roles: string): Someone => ({ token: issuer.token({ sub: `${roles}-${name}`, roles: [roles] }) });
    return new EveryRole(
      accountId,
      {
        owner: { token: owner.token, account: accountId },
        member: { token: member.token, account: accountId },
        bot_key: { token: botKey },
        account_key: { token: accountKey },
        visitor: { token: visitor.token },
        support: staff('helpdesk'),
        admin: staff('operator'),
      },
      { token: await openAccountKey(stack, accountId, []) },
      await testingOf(stack, bot),
      {
        ...(await thingsOf(stack, { bot: { ...bot, key: botKey }, accountKey, visitorId: visitor.id, memberId })),
        ...(await thingsOfOwner(owner.inAccount(accountId), { jobId: ownersJob, threadId })),
        account_id: accountId,
        loop_id: `${ownersJob}.1`,
      },
      {
        owner: ownersJob,
        member: await jobOf(stack, bot, { token: member.token, account: accountId }),
        visitor: await jobOf(stack, bot, { token: visitor.token }),
      },
    );
  }
}

interface Asking extends Someone {
  readonly thread_id?: string;
}

/** One that has ended. */
async function jobOf(stack: TestStack, bot: TestBot, { thread_id, ...by }: Asking): Promise<string> {
  const somebody = new BotClient(stack, { ...bot, key: by.token });
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': 'own',
    ...(by.account === undefined ? {} : { 'fairmeter-account': by.account }),
  };
  const body = JSON.stringify({ prompt: 'Write a word counter', ...(thread_id === undefined ? {} : { thread_id }) });
  const submitted = await somebody.fetch(`/v1/bots/${bot.botId}/jobs`, { method: 'POST', headers, body });
  const jobId = idOf({ ...submitted, body: (await submitted.json()) as Answer['body'] });
  await new BotClient(stack, bot).ended(jobId);
  return jobId;
}

async function testingOf(stack: TestStack, bot: TestBot): Promise<EveryRole['testing']> {
  const botKey = await openTestKey(stack, bot, OF_A_BOT);
  const jobs = new BotClient(stack, { ...bot, key: botKey });
  const jobId = idOf(await jobs.submit());
  await jobs.ended(jobId);
  const { accountId } = bot;
  return {
    bot_key: { token: botKey },
    account_key: { token: await openTestKey(stack, { accountId }, EVERY_TEST_SCOPE) },
    jobId,
  };
}

interface Parts {
  readonly bot: TestBot;
  readonly accountKey: string;
  readonly visitorId: string;
  readonly memberId: string;
}

async function thingsOf(stack: TestStack, parts: Parts): Promise<Readonly<Record<string, string>>> {
  const { bot, visitorId, memberId } = parts;
  const jobs = new BotClient(stack, bot);
  const submitted = await jobs.submit();
  await jobs.ended(idOf(submitted));
  const owner = new OwnerClient(stack, parts.accountKey);
  const other = await openBot(stack, { accountId: bot.accountId });
  const to = { to_account_id: newId('acc') };
  const key = { name: 'A key', bot_id: bot.botId, scopes: ['read'] };
  const campaign = { bot_id: bot.botId, name: 'Launch', limit: '10', starts_at: '2026-01-01T00:00:00Z' };
  const allowances = [bot.botId, other.botId].map((id) => ({ bot_id: id, credits: '1' }));
  const pack = { name: 'Two', allowances, price: { amount_minor: '500', iso_4217: 'eur' } };
  return {
    bot_id: bot.botId,
    spare_bot_id: other.botId,
    job_id: idOf(submitted),
    step: '1',
    path: 'index.html',
    visitor_id: visitorId,
    user_id: memberId,
    key_id: idOf(await owner.call('POST', '/v1/api-keys', { body: key })),
    purchase_id: idOf(await owner.call('POST', '/v1/purchases', { body: { product_id: 'bundle_100' } })),
    campaign_id: idOf(await owner.call('POST', '/v1/campaigns', { body: campaign })),
    transfer_id: idOf(await owner.call('POST', `/v1/bots/${bot.botId}/transfers`, { body: to })),
    pack_id: idOf(await owner.call('POST', '/v1/bot-packs', { body: pack })),
    webhook_id: idOf(await owner.call('POST', '/v1/account/webhooks', { body: WEBHOOK })),
    ...OF_STAFF,
  };
}

/** Nothing is sent to it while nothing happens that it is told of. */
const WEBHOOK = { url: 'https://hooks.example.test/told', event_types: ['credits.zero'] };

/** What staff ask of one another is of no account: somebody in one is not told whether it is there. */
const OF_STAFF = {
  grant_id: newId('grt'),
  reversal_id: newId('rev'),
  compensation_id: newId('cmp'),
  incident_id: newId('inc'),
  drift_id: newId('dft'),
};

/** What a person alone may begin. */
async function thingsOfOwner(
  owner: SignedIn,
  { jobId, threadId }: { readonly jobId: string; readonly threadId: string },
): Promise<Readonly<Record<string, string>>> {
  const details = { task: 'A page', model: 'unknown', build_state: 'red', message_count: '1', large_files: 'none' };
  const review = await owner.once('/v1/reviews', { body: { thread: jobId, ...details } });
  const invited = await owner.call('POST', '/v1/account/members', { email: `${threadId}@example.test` });
  const wish = await owner.once('/v1/account/custom-plan-requests', { body: WISH });
  return {
    thread_id: threadId,
    review_id: idOf(review),
    invitation_id: idOf(invited),
    custom_plan_request_id: idOf(wish),
  };
}

function idOf({ status, body }: Answer): string {
  const { id } = body;
  if (typeof id !== 'string') throw new Error(`nothing was made: ${status} ${JSON.stringify(body)}`);
  return id;
}

async function accountOf(person: SignedIn): Promise<string> {
  const { accounts } = (await person.get('/v1/me')).body as { accounts: { account_id: string }[] };
  return accounts[0]?.account_id ?? '';
}

async function userOf(person: SignedIn): Promise<string> {
  return String((await person.get('/v1/me')).body['user_id']);
}
