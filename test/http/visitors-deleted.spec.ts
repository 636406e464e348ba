// A visitor is deleted on the real stack: what runs ends, words go from everywhere, figures stay, units end.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { ErasureActivities } from '@fairmeter/contracts';
import { endUserScope, instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import type { BotClient } from '../harness/bot-client.js';
import type { TestBot } from '../harness/people.js';
import { amount, openAccountKey, openBot } from '../harness/people.js';
import { byStage, reply, threeSteps } from '../harness/scripts.js';
import { StallingModel } from '../harness/stalling-model.js';
import { TestStack } from '../harness/test-stack.js';
import { stateOfThisRun, tracesOf } from '../harness/traces.js';
import { until } from '../harness/until.js';
import type { Visitor } from '../harness/visitors.js';
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
  }, 60_000);
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

  describe('with a finished job and units left', () => {
    let ann: Visitor;
    let jobId: string;
    let had: unknown;
    let before: string[];
    let answer: unknown[];
    let after: string[];
    beforeAll(async () => {
      const worker = await stack.startWorkerLike({ models: threeSteps().port });
      ann = await visit(stack, bot, REF);
      await grantPack(ann.id, '12.5');
      had = (await ann.client.get('/v1/me/usage-units')).body['remaining'];
      jobId = String((await ann.client.submit({ body })).body['id']);
      await ann.client.ended(jobId);
      before = await tracesOf(stack, [PROMPT, FILE]);
      const deleted = await ann.client.fetch('/v1/me', { method: 'DELETE' });
      answer = [deleted.status, await deleted.json()];
      after = await tracesOf(stack, [PROMPT, FILE, REF], stateOfThisRun());
      await worker.stop();
    }, 60_000);

    it('[edge 66] leaves no word in any table, history or file of the state folder', () => {
      expect(before).toEqual([`records.texts: ${PROMPT}`, `records.texts: ${FILE}`]);
      expect(answer).toEqual([200, { visitor_id: ann.id, state: 'erased' }]);
      expect(after).toEqual([]);
    });

    it('[edge 66] keeps its figures, ends its units and is on the audit', async () => {
      const { manager } = stack.entities;
      expect(had).toBe('12.500000');
      expect(await manager.query('SELECT charge::text FROM ledger.jobs WHERE id = $1', [jobId])).toEqual([
        { charge: '1800000' },
      ]);
      const lots = 'SELECT open::text, held::text FROM ledger.lots WHERE scope_id = $1';
      expect(await manager.query(lots, [endUserScope(bot.botId, ann.id)])).toEqual([{ open: '0', held: '0' }]);
      const lines = `SELECT actor_role, actor_id FROM records.audit
        WHERE action = 'visitor.deleted' AND target_id = $1`;
      expect(await manager.query(lines, [ann.id])).toEqual([{ actor_role: 'visitor', actor_id: ann.id }]);
    });

    it('[edge 66] is let in no more, and the person who comes back starts at 0', async () => {
      const refused = await ann.client.get('/v1/me/usage-units');
      expect([refused.status, refused.body['code']]).toEqual([401, 'visitor_deleted']);
      const back = await visit(stack, bot, REF);
      expect(back.id).not.toBe(ann.id);
      const { body: units } = await back.client.get('/v1/me/usage-units');
      expect(units).toMatchObject({ remaining: '0.000000', used: '0.000000' });
      expect((await back.client.get(`/v1/jobs/${jobId}`)).status).toBe(404);
    });
  });

  describe('with a running job', () => {
    const draft = '=== a.js with much more to come';
    let jobId: string;
    let ben: Visitor;
    let client: BotClient;
    let answer: Response;
    let path: string;
    beforeAll(async () => {
      const script = byStage({
        plan: [reply('plan')],
        generate: [{ ...reply(draft), usage: null, chunks: 8 }],
        review: [reply('APPROVED')],
      });
      const models = new StallingModel(script.port, { stage: 'generate', textBytes: 0.5 * draft.length });
      const worker = await stack.startWorkerLike({ models });
      ben = await visit(stack, bot, 'ben.visitor@example.test');
      jobId = String((await ben.client.submit({ body })).body['id']);
      await until(
        async () => Promise.resolve(models.stalled.length),
        (calls) => calls > 0,
      );
      client = holding(stack, bot, await openAccountKey(stack, bot.accountId, ['manage', 'read']));
      path = `/v1/bots/${bot.botId}/visitors/${ben.id}`;
      answer = await client.fetch(path, { method: 'DELETE' });
      await worker.stop();
    }, 60_000);

    it('[edge 66] has it cancelled and settled first, and nothing of it is left', async () => {
      expect(answer.status).toBe(200);
      expect((await client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'cancelled', held: '0.000000' });
      expect(await tracesOf(stack, [PROMPT, FILE, draft.slice(0, 10), 'ben.visitor'])).toEqual([]);
    });

    it('has no late answer written down, and is what it is when it is deleted again', async () => {
      const late = `INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
        VALUES ('txt_late', $1, $2, 'answer', 'too late', 8)`;
      await stack.entities.manager.query(late, [bot.accountId, ben.id]);
      expect(await tracesOf(stack, ['too late'])).toEqual([]);
      expect((await client.fetch(path, { method: 'DELETE' })).status).toBe(200);
      expect((await client.fetch(`/v1/bots/${bot.botId}/visitors/vis_none`, { method: 'DELETE' })).status).toBe(404);
    });
  });

  describe('whose deletion loses the answer of every step, and its worker half-way', () => {
    const done: string[] = [];
    let cleo: Visitor;
    let states: number[];
    beforeAll(async () => {
      let dies = true;
      let go = (): void => undefined;
      const goes = new Promise<void>((resolve) => {
        go = resolve;
      });
      const lossy = (real: ErasureActivities): Partial<ErasureActivities> => {
        const first = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
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
            if (dies) {
              await goes;
              throw new Error('the machine is gone');
            }
            return first('words', async () => real.eraseWordsOfVisitor(input));
          },
        };
      };
      const worker = {
        models: threeSteps().port,
        around: ({ erasureActivities }: ActivitiesInUse) => ({ erasureActivities: lossy(erasureActivities) }),
      };
      const dying = await stack.startWorkerLike(worker);
      cleo = await visit(stack, bot, 'cleo.visitor@example.test');
      await grantPack(cleo.id, '3');
      await cleo.client.ended(String((await cleo.client.submit({ body })).body['id']));
      const asked = cleo.client.fetch('/v1/me', { method: 'DELETE' });
      await until(
        async () => Promise.resolve(done),
        (names) => names.filter((name) => name === 'units').length > 1,
      );
      const gone = dying.stop();
      go();
      await gone;
      dies = false;
      const next = await stack.startWorkerLike(worker);
      const owner = holding(stack, bot, await openAccountKey(stack, bot.accountId, ['manage']));
      const again = await owner.fetch(`/v1/bots/${bot.botId}/visitors/${cleo.id}`, { method: 'DELETE' });
      states = [(await asked).status, again.status];
      await next.stop();
    }, 60_000);

    it('[edge 66] is deleted once all the same', async () => {
      expect([200, 503]).toContain(states[0]);
      expect(states[1]).toBe(200);
      expect(done.filter((name) => name === 'words').length).toBeGreaterThan(1);
      expect(await tracesOf(stack, [PROMPT, FILE, 'cleo.visitor'])).toEqual([]);
      const { manager } = stack.entities;
      const lines = `SELECT count(*)::int AS lines FROM records.audit
        WHERE action = 'visitor.deleted' AND target_id = $1`;
      expect(await manager.query(lines, [cleo.id])).toEqual([{ lines: 1 }]);
    });
  });
});
