// What an owner looks at to see how a bot does, on the real ledger: its setup in one panel, and whether it pays off.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BIGGER_OUTPUT_COSTS_MORE, instant } from '@fairmeter/domain';
import type { GuideVersions } from '@fairmeter/domain';
import { saveArtefact, saveJobVersions, saveText } from '@fairmeter/records';
import { economicsBody } from '../../apps/api/src/panels/economics-body.js';
import { qualityBody } from '../../apps/api/src/panels/quality-body.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';
import type { Played, PlayedStep } from '../harness/played-jobs.js';
import { clarification, packaging, PostedJobs, turn } from './posted-jobs.js';

const DAY = 86_400_000;
const PROFILE = { stack: ['PHP 8.3'], purpose: 'Shops' };
const SNIPPETS = { snippets: [{ name: 'auth', text: 'function auth() {}' }] };

let stack: TestStack;

beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
}, 60_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

interface Watched {
  readonly posted: PostedJobs;
  readonly owner: OwnerClient;
  readonly path: string;
}

const open = async (credits: string): Promise<Watched> => {
  const posted = await PostedJobs.open(stack, { credits, program: 'workspace', maxCredits: '20' });
  const owner = await OwnerClient.open(stack, posted.bot.accountId);
  return { posted, owner, path: `/v1/bots/${posted.bot.botId}` };
};
const qualityOf = async ({ owner, path }: Watched): Promise<ReturnType<typeof qualityBody.parse>> => {
  const { status, body } = await owner.call('GET', `${path}/quality`);
  expect([status, body['code']]).toEqual([200, undefined]);
  return qualityBody.strict().parse(body);
};
const play = async ({ posted }: Watched, packs = false): Promise<string> => {
  const steps = [turn(), ...(packs ? [packaging({ verdict: 'approved' })] : [])];
  return (await posted.play({ steps, asOf: instant(Date.now()) })).jobId;
};
const pack = async (watched: Watched, expiresAt: number): Promise<string> => {
  const jobId = await play(watched, true);
  const { accountId, botId } = watched.posted.bot;
  await saveArtefact(stack.entities.manager, {
    jobId,
    accountId,
    subject: botId,
    files: 3,
    sha256: 'ab'.repeat(32),
    body: new Uint8Array([1, 2, 3]),
    createdAt: instant(expiresAt - 30 * DAY),
    expiresAt: instant(expiresAt),
  });
  return jobId;
};

describe('GET /v1/bots/{bot_id}/quality', () => {
  it('[A25][A21] shows profile, snippets, domain, credits and the ZIP to download, and the fact, in one', async () => {
    const watched = await open('1000');
    expect(await qualityOf(watched)).toMatchObject({
      bot_id: watched.posted.bot.botId,
      type: 'coding',
      profile: { state: 'missing', version: null, tokens: 0 },
      snippets: { state: 'missing', version: null, tokens: 0 },
      domain: { state: 'missing', domain: null },
      credits: { state: 'enough', available: '1000.000000', usual_budget: '20.000000', spent: '0.000000' },
      artefact: { state: 'on', off_by: null, latest: null },
      hints: [],
      facts: [{ code: BIGGER_OUTPUT_COSTS_MORE }],
    });
    const { owner, path } = watched;
    await owner.call('PUT', `${path}/profile`, { body: PROFILE });
    await owner.call('PUT', `${path}/snippets`, { body: SNIPPETS });
    await owner.call('PUT', `${path}/snippets`, { body: { snippets: [] } });
    await owner.call('PATCH', path, { body: { domain: 'shop.example.org', limits: { artefacts: false } } });
    const jobId = await pack(watched, Date.now() + DAY);
    const full = await qualityOf(watched);
    expect(full).toMatchObject({
      profile: { state: 'set', version: 1 },
      snippets: { state: 'empty', version: 2, tokens: 0 },
      domain: { state: 'set', domain: 'shop.example.org' },
      artefact: { state: 'off', off_by: 'bot', latest: { job_id: jobId, files: 3, bytes: 3 } },
    });
    expect(full.profile.tokens).toBeGreaterThan(0);
    const { body: account } = await owner.call('GET', '/v1/account/credits');
    expect([full.credits.available, full.credits.entry_seq]).toEqual([account['available'], account['entry_seq']]);
  });

  it('shows no ZIP that has expired, and nothing to download of a bot that never packs', async () => {
    const watched = await open('1000');
    await pack(watched, Date.now() - DAY);
    expect((await qualityOf(watched)).artefact.latest).toBeNull();
    const chat = await openBot(stack, { type: 'chat', accountId: watched.posted.bot.accountId });
    const { artefact, facts } = await qualityOf({ ...watched, path: `/v1/bots/${chat.botId}` });
    expect([artefact.off_by, facts]).toEqual(['program', []]);
  });

  it('[A17] advises a bot that spends a lot on its tasks first, and offers a larger plan last', async () => {
    const watched = await open('20');
    const steps = [turn(), turn(), turn(), turn(), turn()];
    for (let job = 0; job < 6; job += 1) await watched.posted.play({ steps, asOf: instant(Date.now()) });
    const { credits, hints } = await qualityOf(watched);
    expect(credits).toMatchObject({ state: 'low', available: '2.000000', spent: '18.000000' });
    expect(hints.map(({ code, kind, figure }) => [code, kind, figure])).toEqual([
      ['add_snippets', 'quality', 6],
      ['write_style_rules', 'quality', 6],
      ['write_profile', 'quality', 6],
      ['fewer_extras', 'quality', 5],
      ['buy_credits', 'offer', 90],
      ['upgrade_plan', 'offer', 90],
    ]);
  });

  it('is the owner\u2019s alone', async () => {
    const { posted, path } = await open('1');
    const stranger = await OwnerClient.open(stack, (await openBot(stack)).accountId);
    expect((await stranger.call('GET', `${path}/quality`)).body['code']).toBe('bot_not_found');
    expect((await new OwnerClient(stack, posted.bot.key).call('GET', `${path}/quality`)).body['code']).toBe(
      'forbidden',
    );
  });
});

interface Asked {
  readonly steps: readonly PlayedStep[];
  /** What was asked for; null: its text is gone. */
  readonly asked: string | null;
  readonly versions?: Partial<GuideVersions>;
}

const ask = async ({ posted }: Watched, { steps, asked, versions }: Asked): Promise<Played> => {
  const { accountId, botId } = posted.bot;
  const played = await posted.play({ steps, asOf: instant(Date.now()) });
  const { jobId } = played;
  const { manager } = stack.entities;
  if (asked !== null) {
    const text = { id: `txt_${jobId}`, accountId, subject: botId, purpose: 'prompt', body: asked } as const;
    await saveText(manager, { ...text, askedHash: asked });
  }
  if (versions !== undefined) {
    const none = { profile: null, style_guide: null, snippets: null };
    await saveJobVersions(manager, { jobId, accountId, botId, versions: { ...none, ...versions } });
  }
  return played;
};
const economicsOf = async ({ owner, path }: Watched, query = ''): Promise<ReturnType<typeof economicsBody.parse>> => {
  const { status, body } = await owner.call('GET', `${path}/economics${query}`);
  expect([status, body['code']]).toEqual([200, undefined]);
  return economicsBody.strict().parse(body);
};

describe('GET /v1/bots/{bot_id}/economics', () => {
  it('[A29][A22][A8] tells repeats, the cost of a kept result, and what a version and a ZIP did', async () => {
    const watched = await open('1000');
    const { owner, path, posted } = watched;
    for (const rules of ['Short names.', 'Long names.']) {
      await owner.call('PUT', `${path}/style-guide`, { body: { rules } });
    }
    await ask(watched, { steps: [turn(), turn({ stage: 'repair' })], asked: 'a' });
    await ask(watched, { steps: [turn()], asked: 'a', versions: { style_guide: 1 } });
    const packed = [turn(), clarification(), packaging({ verdict: 'approved' })];
    await ask(watched, { steps: packed, asked: 'b', versions: { style_guide: 2 } });
    const refunded = await ask(watched, { steps: [turn()], asked: null });
    await posted.refund(refunded, 'half-back', 1);
    const { from: _from, to: _to, ...told } = await economicsOf(watched);
    const none = { average_repairs: 0, average_clarifications: 0 };
    const withZip = { jobs: 1, average_net: '0.800000', ...none, average_clarifications: 1 };
    const others = { jobs: 3, average_net: '0.700000', ...none, average_repairs: 0.33 };
    expect(told).toMatchObject({
      bot_id: posted.bot.botId,
      complete: true,
      net: '2.900000',
      all: { jobs: 4, average_net: '0.725000', average_repairs: 0.25, average_clarifications: 0.25 },
      requests: { repeated: 2, one_off: 1, unknown: 1, repeat_share: 0.6667 },
      kept_results: { results: 3, cost_per_result: '0.966667' },
      artefact: { with: withZip, without: others },
      versions: [{ kind: 'style_guide', version: 2, before: others, after: withZip }],
      facts: [{ code: BIGGER_OUTPUT_COSTS_MORE }],
    });
  });

  it('counts what was asked for within the time asked about, and only of that bot', async () => {
    const watched = await open('1000');
    await play(watched);
    const other = await openBot(stack, { accountId: watched.posted.bot.accountId });
    const of = { ...watched, path: `/v1/bots/${other.botId}` };
    expect(await economicsOf(of)).toMatchObject({ net: '0.000000', all: { jobs: 0, average_net: null } });
    expect((await economicsOf(watched)).all.jobs).toBe(1);
    expect((await economicsOf(watched, '?to=2020-01-01T00:00:00Z')).all.jobs).toBe(0);
    const { owner, path } = watched;
    const backwards = await owner.call('GET', `${path}/economics?from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z`);
    expect([backwards.status, backwards.body['code']]).toEqual([422, 'validation_failed']);
    const stranger = await OwnerClient.open(stack, (await openBot(stack)).accountId);
    expect((await stranger.call('GET', `${path}/economics`)).body['code']).toBe('bot_not_found');
  });
});
