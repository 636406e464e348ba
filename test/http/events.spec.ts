// The stream of a job's events on the real stack: from the beginning, from where a reader left off, to the end.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import type { ModelPort } from '@fairmeter/providers';
import type { TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { BotClient } from '../harness/bot-client.js';
import { creditsOf } from '../harness/orders.js';
import { byStage, reply, threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { PostedJobs, turn } from './posted-jobs.js';

interface Seen {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function parse(text: string): Seen[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('id: '))
    .map((frame) => {
      const [id = '', event = '', data = ''] = frame.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
      return { id, event, data: JSON.parse(data) as Record<string, unknown> };
    });
}

const STEPS = ['step.started', 'step.ended'];
const WHOLE_STORY = ['job.accepted', ...STEPS, ...STEPS, ...STEPS, 'job.ended'];

function secondWaitsFor(event: Promise<void>): ModelPort {
  const { port, model } = threeSteps();
  return {
    generate: async (request, options) => {
      if (model.callCount === 1) await event;
      return port.generate(request, options);
    },
  };
}

describe('the events of a job', () => {
  let stack: TestStack;
  let owner: TestBot;
  let bot: BotClient;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port });
    owner = await openBot(stack, { credits: '1000' });
    bot = new BotClient(stack, owner);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function open(jobId: string, headers: Readonly<Record<string, string>> = {}, query = ''): Promise<Response> {
    return fetch(`${stack.apiUrl}/v1/jobs/${jobId}/events${query}`, {
      headers: { authorization: `Bearer ${owner.key}`, ...headers },
    });
  }

  async function submitted(key: string): Promise<string> {
    const answer = await bot.submit({ key });
    expect(answer.status).toBe(202);
    return String(answer.body['id']);
  }

  it('[F2] show a step while the next one is still being answered, and so does asking again and again', async () => {
    // The second answer waits until the first step was read from the stream: a stream that came all at once at the end
    // would never get that far.
    let letGo = (): void => undefined;
    const seenFirst = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const gated = await TestStack.start({ models: secondWaitsFor(seenFirst) });
    try {
      const waiting = await openBot(gated, { credits: '100' });
      const client = new BotClient(gated, waiting);
      const { status, body } = await client.submit();
      expect([status, body['state'], typeof body['id']]).toEqual([202, 'running', 'string']);
      const { self, events } = body['links'] as Readonly<Record<string, string>>;
      const inApi = (link = ''): string => `${gated.apiUrl}${link}`;
      const headers = { authorization: `Bearer ${waiting.key}` };
      const response = await fetch(inApi(events), { headers });
      let text = '';
      let early: readonly string[] = [];
      let polled: unknown;
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString();
        const names = parse(text.slice(0, text.lastIndexOf('\n\n') + 2)).map(({ event }) => event);
        if (early.length === 0 && names.includes('step.ended')) {
          early = names;
          polled = await (await fetch(inApi(self), { headers })).json();
          letGo();
        }
      }
      expect(early.filter((name) => name === 'step.ended')).toHaveLength(1);
      expect(early).not.toContain('job.ended');
      expect(polled).toMatchObject({ id: body['id'], state: 'running', steps_ended: 1 });
      expect(parse(text).map(({ event }) => event)).toEqual(WHOLE_STORY);
    } finally {
      letGo();
      await gated.stop();
    }
  }, 30_000);

  it('show each step and end with the job', async () => {
    const jobId = await submitted('whole');
    const response = await open(jobId);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const story = parse(await response.text());
    expect(story.map(({ event }) => event)).toEqual(WHOLE_STORY);
    for (const { data } of story) expect(data['job_id']).toBe(jobId);
    expect(story.at(-1)?.data).toMatchObject({ state: 'completed', charge: '1.800000', steps: 3 });
    const ids = story.map(({ id }) => BigInt(id));
    expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids);
  });

  it('go on after the last one seen, by header or query, and tell a reader of all to stay away', async () => {
    const jobId = await submitted('resumed');
    await bot.ended(jobId);
    const story = parse(await (await open(jobId)).text());
    const middle = story[3]?.id ?? '';
    const rest = WHOLE_STORY.slice(4);
    expect(parse(await (await open(jobId, { 'last-event-id': middle })).text()).map(({ event }) => event)).toEqual(
      rest,
    );
    expect(parse(await (await open(jobId, {}, `?after=${middle}`)).text()).map(({ event }) => event)).toEqual(rest);
    expect((await open(jobId, { 'last-event-id': story.at(-1)?.id ?? '' })).status).toBe(204);
  });

  it('lose nothing for a reader whose line breaks again and again', async () => {
    const jobId = await submitted('broken');
    const seen: Seen[] = [];
    for (let tries = 0; tries < 100 && seen.at(-1)?.event !== 'job.ended'; tries += 1) {
      const line = new AbortController();
      const response = await fetch(`${stack.apiUrl}/v1/jobs/${jobId}/events`, {
        headers: { authorization: `Bearer ${owner.key}`, 'last-event-id': seen.at(-1)?.id ?? '0' },
        signal: line.signal,
      });
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk as Uint8Array).toString();
        const [next] = parse(text.slice(0, text.lastIndexOf('\n\n') + 2));
        if (next === undefined) continue;
        seen.push(next);
        break;
      }
      line.abort();
    }
    expect(seen.map(({ event }) => event)).toEqual(WHOLE_STORY);
  });

  it('end a minute after a loop stopped the job, though what came of it was never written down', async () => {
    const posted = await PostedJobs.open(stack);
    const played = await posted.play({ steps: [turn()], settles: false, asOf: instant(Date.now()) });
    const order = { state: 'stopped_loop', reason: 'loop_detected', minimumCharge: creditsOf('0.1') } as const;
    expect(await stack.jobs.settle(played, instant(Date.now()), order)).toMatchObject({ ok: true });
    const follow = async (line?: AbortSignal): Promise<string> => {
      const response = await fetch(`${stack.apiUrl}/v1/jobs/${played.jobId}/events`, {
        headers: { authorization: `Bearer ${posted.bot.key}` },
        ...(line === undefined ? {} : { signal: line }),
      });
      return response.text();
    };
    await expect(follow(AbortSignal.timeout(500))).rejects.toThrow('timeout');
    await stack.entities.manager.query(
      `UPDATE ledger.jobs SET ended_at = ended_at - interval '61 seconds' WHERE id = $1`,
      [played.jobId],
    );
    expect(parse(await follow()).at(-1)).toMatchObject({ event: 'job.ended', data: { state: 'stopped_loop' } });
  });

  describe('of five jobs, followed by a hundred', () => {
    let stories: Seen[][];
    // As many streams at once take the time they take.
    beforeAll(async () => {
      const jobIds = await Promise.all(Array.from({ length: 5 }, async (_, index) => submitted(`many-${index}`)));
      const readers = jobIds.flatMap((jobId) => Array.from({ length: 20 }, () => jobId));
      stories = await Promise.all(readers.map(async (jobId) => parse(await (await open(jobId)).text())));
    }, 60_000);

    it('reach many readers over one connection to the database', async () => {
      for (const story of stories) expect(story.map(({ event }) => event)).toEqual(WHOLE_STORY);
      expect(stories).toHaveLength(100);
      const rows = await stack.entities.manager.query<{ count: number }[]>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'fairmeter-api-listen'`,
      );
      expect(rows[0]?.count).toBe(1);
    });
  });

  it('are nobody else\u2019s: a foreign job and none at all are the same answer', async () => {
    const jobId = await submitted('mine');
    const stranger = new BotClient(stack, await openBot(stack));
    const sibling = new BotClient(stack, await openBot(stack, { accountId: owner.accountId }));
    for (const path of [`/v1/jobs/${jobId}`, `/v1/jobs/${jobId}/cost`, `/v1/jobs/${jobId}/events`]) {
      for (const other of [stranger, sibling]) {
        const foreign = await other.get(path);
        const none = await other.get(path.replace(jobId, 'job_none'));
        expect([foreign.status, foreign.body['code']]).toEqual([404, 'job_not_found']);
        expect(foreign.body['detail']).toBe(none.body['detail']);
      }
    }
  });

  it('are told to the end by a reader that comes back, though every connection to the database was cut', async () => {
    // Long enough a step that the cut falls into it.
    const slow = byStage({
      plan: [{ ...reply('plan'), delayMs: 1_500 }],
      generate: [reply('=== a.js')],
      review: [reply('APPROVED')],
    });
    const cut = await TestStack.start({ models: slow.port });
    try {
      const waiting = await openBot(cut, { credits: '100' });
      const client = new BotClient(cut, waiting);
      const jobId = String((await client.submit()).body['id']);
      const follow = async (lastId: string): Promise<Seen[]> => {
        const response = await fetch(`${cut.apiUrl}/v1/jobs/${jobId}/events`, {
          headers: { authorization: `Bearer ${waiting.key}`, 'last-event-id': lastId },
        });
        return response.ok ? parse(await response.text()) : [];
      };
      const first = follow('0');
      await new Promise((resume) => setTimeout(resume, 300));
      await withClient(cut.database.adminUrl, async (admin) =>
        admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name LIKE 'fairmeter-api%'`,
        ),
      );
      const seen = [...(await first)];
      await until(
        async () => {
          if (seen.at(-1)?.event !== 'job.ended') seen.push(...(await follow(seen.at(-1)?.id ?? '0')));
          return seen.at(-1)?.event;
        },
        (last) => last === 'job.ended',
      );
      expect(seen.map(({ event }) => event)).toEqual(WHOLE_STORY);
      expect((await client.get(`/v1/jobs/${jobId}`)).status).toBe(200);
    } finally {
      await cut.stop();
    }
  }, 30_000);

  it('end when the API goes down, within the grace of a shutdown', async () => {
    // The first step is still being answered when the API goes down.
    const slow = byStage({ plan: [{ ...reply('plan'), delayMs: 10_000 }] });
    const idle = await TestStack.open();
    try {
      const api = await idle.startApi({ ADMIT_DEADLINE_MS: '500' });
      const waiting = await openBot(idle, { credits: '100' });
      const worker = await idle.startWorker(slow.port);
      const client = new BotClient(idle, waiting);
      // Whoever is told that nothing is known yet asks again: this API waits for half a second only.
      const answer = await until(
        async () => client.submit(),
        ({ status }) => status === 202,
      );
      const response = await fetch(`${api.url}/v1/jobs/${String(answer.body['id'])}/events`, {
        headers: { authorization: `Bearer ${waiting.key}` },
      });
      const reading = response.text();
      const from = performance.now();
      await api.close();
      expect(parse(await reading)[0]?.event).toBe('job.accepted');
      expect(performance.now() - from).toBeLessThan(3_000);
      await worker.stop();
    } finally {
      await idle.stop();
    }
  }, 30_000);
});
