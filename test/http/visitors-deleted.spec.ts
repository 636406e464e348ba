// A visitor is deleted on the real stack: what runs ends, words go from everywhere, figures stay, units end.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ErasureActivities, ErasureInput } from '@fairmeter/contracts';
import { endUserScope, instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import type { TestBot } from '../harness/people.js';
import { amount, openAccountKey, openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { StallingModel } from '../harness/stalling-model.js';
import { TestStack } from '../harness/test-stack.js';
import { stateOfThisRun, tracesOf } from '../harness/traces.js';
import { until } from '../harness/until.js';
import { holding, visit, VISITOR_ENV } from '../harness/visitors.js';

const PROMPT = 'My secret plan about marzipan submarines';
const FILE = 'The marmalade ledger of uncle Theo';
const REF = 'ann.visitor@example.test';

describe('a deleted visitor', () => {
  let stack: TestStack;
  let bot: TestBot;
  beforeAll(async () => {
    stack = await TestStack.open({ api: { ...VISITOR_ENV } });
    await stack.startApi();
    bot = await openBot(stack, { credits: '1000' });
  }, 60_000);
  afterEach(async () => {
    await expectLedgerHolds(stack);
  });
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const grantPack = async (visitorId: string, credits: string): Promise<void> => {
    const owner = { scopeId: endUserScope(bot.botId, visitorId), accountId: bot.accountId };
    const granted = await stack.grants.grant(owner, instant(0), {
      kind: 'eu_pack',
      amount: amount(credits),
      validFrom: instant(0),
      expiresAt: null,
      sourceRef: newId('pur'),
    });
    expect(granted.ok).toBe(true);
  };
  const body = { prompt: PROMPT, context: [{ path: 'notes.md', text: FILE }] };

  it('[edge 66] leaves no word anywhere, no unit and no way in; the figures stay and the person starts at 0', async () => {
    const worker = await stack.startWorkerLike({ models: threeSteps().port });
    const ann = await visit(stack, bot, REF);
    await grantPack(ann.id, '12.5');
    expect((await ann.client.get('/v1/me/usage-units')).body['remaining']).toBe('12.500000');
    const job = await ann.client.submit({ body });
    const jobId = String(job.body['id']);
    expect((await ann.client.ended(jobId)).body['charge']).toBe('1.800000');
    expect(await tracesOf(stack, [PROMPT, FILE])).not.toEqual([]);

    const deleted = await ann.client.fetch('/v1/me', { method: 'DELETE' });
    expect([deleted.status, await deleted.json()]).toEqual([200, { visitor_id: ann.id, state: 'erased' }]);

    expect(await tracesOf(stack, [PROMPT, FILE, REF], stateOfThisRun())).toEqual([]);
    const refused = await ann.client.get('/v1/me/usage-units');
    expect([refused.status, refused.body['code']]).toEqual([401, 'visitor_deleted']);
    const { manager } = stack.entities;
    expect(await manager.query('SELECT charge::text FROM ledger.jobs WHERE id = $1', [jobId])).toEqual([
      { charge: '1800000' },
    ]);
    expect(
      await manager.query(`SELECT open::text, held::text FROM ledger.lots WHERE kind = 'eu_pack' AND scope_id = $1`, [
        endUserScope(bot.botId, ann.id),
      ]),
    ).toEqual([{ open: '0', held: '0' }]);
    expect(
      await manager.query(`SELECT actor_role, actor_id FROM records.audit WHERE action = 'visitor.deleted'`),
    ).toEqual([{ actor_role: 'visitor', actor_id: ann.id }]);

    const back = await visit(stack, bot, REF);
    expect(back.id).not.toBe(ann.id);
    expect((await back.client.get('/v1/me/usage-units')).body).toMatchObject({
      remaining: '0.000000',
      used: '0.000000',
    });
    expect((await back.client.get(`/v1/jobs/${jobId}`)).status).toBe(404);
    await worker.stop();
  });

  it('[edge 66] has its running job cancelled and settled first, and a late answer is not written down', async () => {
    const models = new StallingModel(threeSteps().port, { stage: 'generate', textBytes: 3 });
    const worker = await stack.startWorkerLike({ models });
    const ben = await visit(stack, bot, 'ben.visitor@example.test');
    const jobId = String((await ben.client.submit({ body })).body['id']);
    await until(
      async () => Promise.resolve(models.stalled.length),
      (calls) => calls > 0,
    );
    const owner = await openAccountKey(stack, bot.accountId, ['manage', 'read']);
    const client = holding(stack, bot, owner);
    const path = `/v1/bots/${bot.botId}/visitors/${ben.id}`;
    const deleted = await client.fetch(path, { method: 'DELETE' });
    expect(deleted.status).toBe(200);
    expect((await client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'cancelled', held: '0.000000' });
    expect(await tracesOf(stack, [PROMPT, FILE, 'ben.visitor'])).toEqual([]);
    const late = `INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
      VALUES ('txt_late', $1, $2, 'answer', 'too late', 8)`;
    await stack.entities.manager.query(late, [bot.accountId, ben.id]);
    expect(await tracesOf(stack, ['too late'])).toEqual([]);
    // Asked again, it is what it is; nobody else's visitor is found.
    expect((await client.fetch(path, { method: 'DELETE' })).status).toBe(200);
    expect((await client.fetch(`/v1/bots/${bot.botId}/visitors/vis_none`, { method: 'DELETE' })).status).toBe(404);
    await worker.stop();
  });

  it('is deleted once though every step is done twice and its worker dies half-way', async () => {
    const done: string[] = [];
    let dies = true;
    const lossy = (real: ErasureActivities): Partial<ErasureActivities> => {
      const first = async <Input extends ErasureInput, T>(name: string, act: () => Promise<T>): Promise<T> => {
        const answer = await act();
        done.push(name);
        if (done.filter((one) => one === name).length === 1) throw new Error('the answer was lost');
        return answer;
      };
      return {
        markVisitorDeleted: async (input) => first('mark', async () => real.markVisitorDeleted(input)),
        openWorkOfVisitor: async (input) => first('look', async () => real.openWorkOfVisitor(input)),
        endUnitsOfVisitor: async (input) => first('units', async () => real.endUnitsOfVisitor(input)),
        eraseWordsOfVisitor: async (input) => {
          if (dies) throw new Error('the machine is gone');
          return first('words', async () => real.eraseWordsOfVisitor(input));
        },
      };
    };
    const around = {
      around: ({ erasureActivities }: { erasureActivities: ErasureActivities }) => ({
        erasureActivities: lossy(erasureActivities),
      }),
    };
    const dying = await stack.startWorkerLike({ models: threeSteps().port, ...around });
    const cleo = await visit(stack, bot, 'cleo.visitor@example.test');
    await grantPack(cleo.id, '3');
    await cleo.client.ended(String((await cleo.client.submit({ body })).body['id']));
    const asked = cleo.client.fetch('/v1/me', { method: 'DELETE' });
    await until(
      async () => Promise.resolve(done),
      (names) => names.includes('units'),
    );
    await dying.stop();
    dies = false;
    const next = await stack.startWorkerLike({ models: threeSteps().port, ...around });
    expect((await asked).status).toBe(200);
    expect(done.filter((name) => name === 'words').length).toBeGreaterThan(1);
    expect(await tracesOf(stack, [PROMPT, FILE, 'cleo.visitor'])).toEqual([]);
    const { manager } = stack.entities;
    const lines = `SELECT count(*)::int AS lines FROM records.audit WHERE action = 'visitor.deleted' AND target_id = $1`;
    expect(await manager.query(lines, [cleo.id])).toEqual([{ lines: 1 }]);
    await next.stop();
  });
});
