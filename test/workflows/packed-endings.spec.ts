// Whoever paid for files gets them, however their job ends: as one ZIP before every ending but a cancel or a fault of
// ours, as far as plan and credits reach, and one by one in any case.
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { ScriptedReply } from '@fairmeter/providers';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { renderToolCall } from '@fairmeter/providers/tools';
import { publishPlan, publishRateCard } from '@fairmeter/records';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts, attemptLines, stepsOf } from '../harness/ledger-facts.js';
import { cardWith, creditsOf, planVersionFor, priceFor, unitPriceFor } from '../harness/orders.js';
import type { BotWish } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { fault, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { VISITOR_ENV, visitOnPlan } from '../harness/visitors.js';

const write = (path: string, content: string): string => renderToolCall({ tool: 'write', path, content });
const done = renderToolCall({ tool: 'done', summary: 'done' });
const files = (count: number): string =>
  Array.from({ length: count }, (_, n) => write(`src/f${n}.ts`, `export const n = ${n};\n`)).join('');

const GREEN = reply(files(1) + done);
const RED = (turn: number) => reply(write('src/a.ts', `import './missing.js';\n// ${turn}\n`) + done);
/** 4.8 credits of it: what is left afterwards begins no further call of a model. */
const DEAR = reply(write('src/a.ts', "import './missing.js';\n") + done, { output: 3_000 });

const NEVER: ScriptedReply = { ...reply('never'), delayMs: 600_000 };

interface Story {
  readonly generate: ScriptedReply;
  readonly repair?: readonly ScriptedReply[];
}

const STORIES: Readonly<Record<string, Story>> = {
  late: { generate: RED(1), repair: [NEVER] },
  away: { generate: RED(1), repair: [fault('unavailable', { retryable: false, status: 503 })] },
  refused: { generate: RED(1), repair: [fault('bad_request', { status: 400 })] },
  loop: { generate: RED(1), repair: [2, 3, 4, 5].map(RED) },
  rounds: { generate: RED(1), repair: [RED(2)] },
  dear: { generate: DEAR, repair: [NEVER] },
  one: { generate: GREEN },
  two: { generate: reply(files(2) + done) },
  three: { generate: reply(files(3) + done) },
};

describe('a job that ends', () => {
  const model = new ScriptedModel({
    entries: Object.entries(STORIES).flatMap(([name, { generate, repair = [] }]) =>
      bookOf(stageScript({ plan: [reply('plan')], generate: [generate], repair }), name).entries.map((entry) => ({
        ...entry,
        when: { promptIncludes: `[${name}]` },
      })),
    ),
  });
  let stack: TestStack;
  /** Its deadline comes while the others are looked at. */
  let late: Begun;
  beforeAll(async () => {
    stack = await TestStack.start({
      models: createModelPort({ scripted: model }),
      worker: { WAIT_FOR_CREDITS_MS: '1000' },
      api: VISITOR_ENV,
    });
    late = await begin('late', {}, { deadline: new Date(Date.now() + 10_000).toISOString() });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  interface Begun {
    readonly bot: BotClient;
    readonly jobId: string;
    readonly accountId: string;
  }

  async function begin(story: string, wish: BotWish = {}, body: object = {}): Promise<Begun> {
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50', ...wish });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt: `Write it [${story}]`, ...body } });
    expect([submitted.status, submitted.body['code']]).toEqual([202, undefined]);
    return { bot, jobId: String(submitted.body['id']), accountId: owner.accountId };
  }

  async function end({ bot, jobId, accountId }: Begun): Promise<string> {
    const { body } = await bot.ended(jobId, 40_000);
    expect(await accountFacts(stack, accountId)).toMatchObject({ openHolds: 0, held: '0.000000' });
    return `${String(body['state'])} ${String(body['end_reason'])}`;
  }

  /** The names in the ZIP; its figures are those that the job tells. */
  async function unpacked({ bot, jobId }: Begun): Promise<string[]> {
    const response = await bot.fetch(`/v1/jobs/${jobId}/artefact`);
    expect(response.status).toBe(200);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { body } = await bot.get(`/v1/jobs/${jobId}/result`);
    const entries = unzipSync(bytes);
    expect(body['artefact']).toMatchObject({ files: Object.keys(entries).length, bytes: bytes.byteLength });
    expect(body['no_artefact']).toBeNull();
    return Object.keys(entries).sort();
  }

  async function readable({ bot, jobId }: Begun): Promise<string[]> {
    const { body } = await bot.get(`/v1/jobs/${jobId}/files`);
    const listed = body['data'] as { readonly path: string; readonly url: string }[];
    for (const { url } of listed) expect((await bot.fetch(url)).status).toBe(200);
    return listed.map(({ path }) => path);
  }

  const whyNone = async ({ bot, jobId }: Begun): Promise<unknown> => {
    expect((await bot.fetch(`/v1/jobs/${jobId}/artefact`)).status).toBe(404);
    return (await bot.get(`/v1/jobs/${jobId}/result`)).body['no_artefact'];
  };

  it.each([
    {
      why: 'its iterations are used up',
      story: 'rounds',
      wish: { maxIterations: 2 },
      ending: 'completed_partial iterations_reached',
    },
    { why: 'its budget is', story: 'dear', wish: { maxCredits: '6' }, ending: 'completed_partial budget_reached' },
    { why: 'credits never came', story: 'dear', wish: { credits: '6' }, ending: 'completed_partial credits_exhausted' },
    { why: 'its provider gave up', story: 'away', wish: {}, ending: 'failed provider_failed' },
    { why: 'its provider refused', story: 'refused', wish: {}, ending: 'failed provider_refused' },
    { why: 'it went round in a loop', story: 'loop', wish: { maxIterations: 8 }, ending: 'stopped_loop loop_detected' },
  ])(
    '[A7, F7] because $why has its files packed',
    async ({ story, wish, ending }) => {
      const begun = await begin(story, wish);
      expect(await end(begun)).toBe(ending);
      expect(await unpacked(begun)).toEqual(['FILES.txt', 'NOTICE.txt', 'src/a.ts']);
      expect(await readable(begun)).toEqual(['src/a.ts']);
    },
    60_000,
  );

  it('by a cancel ends at once: no ZIP, and the files are there', async () => {
    const begun = await begin('late');
    const lines = async (): Promise<string[]> => attemptLines(stack, begun.jobId);
    await until(lines, (known) => known.some((line) => line.startsWith('5.1')));
    expect((await begun.bot.steer(begun.jobId, 'cancel')).body).toMatchObject({ state: 'cancelled' });
    expect(await whyNone(begun)).toMatchObject({ reason: 'cancelled' });
    expect(await readable(begun)).toEqual(['src/a.ts']);
  }, 60_000);

  it('[A27] is packed up to the limit of its plan, and one file above it says why it is not', async () => {
    const plan = planVersionFor({
      id: 'plan_two_files',
      name: 'two files',
      artefacts: { allowed: true, maxFiles: 2, maxBytes: 9_999 },
    });
    await publishPlan(stack.entities.manager, plan);
    const change = `UPDATE records.accounts SET plan_id = 'plan_two_files' WHERE id = $1`;
    const owned = async (story: string): Promise<Begun> => {
      const { accountId } = await openBot(stack, { credits: '100' });
      await stack.entities.manager.query(change, [accountId]);
      return { ...(await begin(story, { accountId })), accountId };
    };
    const two = await owned('two');
    expect(await end(two)).toBe('completed finished');
    expect(await unpacked(two)).toEqual(['FILES.txt', 'NOTICE.txt', 'src/f0.ts', 'src/f1.ts']);
    const three = await owned('three');
    expect(await end(three)).toBe('completed finished');
    expect(await whyNone(three)).toMatchObject({ reason: 'over_plan', measure: 'files', limit: 2, is: 3 });
    expect(await readable(three)).toEqual(['src/f0.ts', 'src/f1.ts', 'src/f2.ts']);
    const steps = await stepsOf(stack, three.jobId);
    expect(steps.at(-1)).toMatchObject({ stage: 'package', charge: '0.000000', verdict: 'changes_requested' });
  }, 60_000);

  it('[A27] of a visitor who pays is packed up to the limit of the plan that this visitor has', async () => {
    const artefacts = { allowed: true, maxFiles: 1, maxBytes: 9_999 };
    const figures = { id: 'plan_visitor_one_file', name: 'one file', artefacts };
    const plan = planVersionFor(figures, { scope: 'end_user' });
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    const { client: bot } = await visitOnPlan(stack, owner, { ref: 'ann', plan });
    const submitted = await bot.submit({ body: { prompt: 'Write it [two]' } });
    const begun: Begun = { bot, jobId: String(submitted.body['id']), accountId: owner.accountId };
    expect(await end(begun)).toBe('completed finished');
    expect(await whyNone(begun)).toMatchObject({ reason: 'over_plan', measure: 'files', limit: 1, is: 2 });
  }, 60_000);

  it('[A7, F7] at its deadline has what was written packed, under a number of its own', async () => {
    expect(await end(late)).toBe('completed_partial deadline_reached');
    expect(await unpacked(late)).toEqual(['FILES.txt', 'NOTICE.txt', 'src/a.ts']);
    const steps = await stepsOf(stack, late.jobId);
    // The turn that the deadline cut short stays a step of its own.
    expect(steps.slice(-2)).toMatchObject([{ stage: 'repair' }, { stage: 'package', charge: '0.000000' }]);
  }, 60_000);

  it('keeps its ending where packing cannot be paid for, and says so', async () => {
    const source = 'a test';
    const model = { ...priceFor({ model: 'demo-coder', providerModel: 'demo-coder' }), source };
    const rates = { perCall: creditsOf('60'), perSecond: creditsOf('0'), perMillionBytes: creditsOf('0') };
    const packaging = { ...unitPriceFor({ item: 'packaging', kind: 'packaging', rates }), source };
    const from = instant(Date.now());
    const card = { ...cardWith(), id: newId('txt'), announcedAt: from, effectiveFrom: from, models: [model] };
    await publishRateCard(stack.entities.manager, { ...card, units: [packaging] });
    const begun = await begin('one');
    expect(await end(begun)).toBe('completed finished');
    expect(await whyNone(begun)).toMatchObject({ reason: 'not_held', code: 'budget_too_small' });
    expect(await readable(begun)).toEqual(['src/f0.ts']);
    const { body } = await begun.bot.get(`/v1/jobs/${begun.jobId}`);
    expect(body['charge']).toBe('1.200000');
  }, 60_000);
});
