// A worker that is lost at every boundary of every step: of model turns, a question, tool calls, the check, the preview
// and the packing. Each try leaves one row of meters, each step one charge, and nothing stays set aside. Whoever goes
// on remembers nothing: like a new process it finds the job in the database alone.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { formatCredits, parseMicroCredits } from '@fairmeter/domain';
import { JobLedger } from '@fairmeter/ledger';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { renderToolCall } from '@fairmeter/providers/tools';
import { JobMemory } from '../../libs/activities/src/jobs/job-memory.js';
import { WorkspaceShelf } from '../../libs/activities/src/workspaces/workspace-shelf.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import { accountFacts, attemptsOf, stepsOf } from '../harness/ledger-facts.js';
import { openBot, type TestBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const STAGES = ['plan', 'generate', 'clarify', 'tool', 'check', 'preview', 'package'];
const ASKING = ['plan', 'generate', 'clarify'];
const ASKED = renderToolCall({ tool: 'ask', question: 'Which file?' });
const FILE = renderToolCall({ tool: 'write', path: 'src/index.ts', content: 'export const n = 1;\n' });
const DONE = renderToolCall({ tool: 'done', summary: 'done' });

type Boundary = 'before its begin' | 'after its begin' | 'before its end' | 'after its end';

interface Expected {
  readonly boundary: Boundary;
  /** Of a step in which a model is asked, and of one in which a tool of ours works. */
  readonly asking: readonly string[];
  readonly working: readonly string[];
}

/** The job whose worker was lost there at each of its steps. */
interface Lost {
  readonly owner: TestBot;
  readonly jobId: string;
  readonly job: Answer['body'];
}

const ONCE = ['1 ended billable'];
const TWICE = ['1 closed platform_fault', '2 ended billable'];

const BOUNDARIES: readonly Expected[] = [
  { boundary: 'before its begin', asking: ONCE, working: ONCE },
  { boundary: 'after its begin', asking: TWICE, working: TWICE },
  // What a model answered is kept, and ends the very try in which it came; a tool of ours runs again.
  { boundary: 'before its end', asking: ONCE, working: TWICE },
  { boundary: 'after its end', asking: ONCE, working: ONCE },
];

/** Strikes once at each step of the accounts that are marked, at the boundary of their mark. */
class Deaths {
  private readonly marks = new Map<string, Boundary>();
  private readonly struck = new Set<string>();

  mark(accountId: string, boundary: Boundary): void {
    this.marks.set(accountId, boundary);
  }

  pass(boundary: Boundary, accountId: string, ordinal: number): void {
    const step = `${accountId}/${ordinal}`;
    if (this.marks.get(accountId) !== boundary || this.struck.has(step)) return;
    this.struck.add(step);
    throw new Error('the machine died here');
  }

  countOf(accountId: string): number {
    return [...this.struck].filter((step) => step.startsWith(`${accountId}/`)).length;
  }
}

describe('a worker that is lost at every step', () => {
  const again = (text: string) => [reply(text), reply(text)];
  const model = new ScriptedModel(
    bookOf(
      stageScript({ plan: again('one file'), generate: again(ASKED), clarify: again(`${FILE}${DONE}`) }),
      'one file',
    ),
  );
  const deaths = new Deaths();
  let stack: TestStack;
  const lost = new Map<Boundary, Lost>();
  beforeAll(async () => {
    stack = await TestStack.start({ models: createModelPort({ scripted: model }) });
    standAtBoundaries();
    forgetBetweenSteps();
  }, 60_000);
  // Side by side: each step waits a second for its next try.
  beforeAll(async () => {
    await Promise.all(BOUNDARIES.map(async ({ boundary }) => lost.set(boundary, await loseAt(boundary))));
  }, 60_000);
  afterAll(async () => {
    jest.restoreAllMocks();
    await stack.stop();
  }, 60_000);

  function standAtBoundaries(): void {
    const { beginStep, endStep } = JobLedger.prototype;
    jest.spyOn(JobLedger.prototype, 'beginStep').mockImplementation(async function (this: JobLedger, post) {
      const { payer, order } = post;
      deaths.pass('before its begin', payer.accountId, order.ordinal);
      const begun = await beginStep.call(this, post);
      deaths.pass('after its begin', payer.accountId, order.ordinal);
      return begun;
    });
    jest.spyOn(JobLedger.prototype, 'endStep').mockImplementation(async function (this: JobLedger, post) {
      const { payer, order } = post;
      deaths.pass('before its end', payer.accountId, order.ordinal);
      const ended = await endStep.call(this, post);
      deaths.pass('after its end', payer.accountId, order.ordinal);
      return ended;
    });
  }

  function forgetBetweenSteps(): void {
    const { job } = JobMemory.prototype;
    const { take } = WorkspaceShelf.prototype;
    jest.spyOn(JobMemory.prototype, 'job').mockImplementation(async function (this: JobMemory, manager, jobId) {
      this.forget(jobId);
      return job.call(this, manager, jobId);
    });
    jest
      .spyOn(WorkspaceShelf.prototype, 'take')
      .mockImplementation(async (of, hash) => take.call(new WorkspaceShelf(stack.entities), of, hash));
  }

  async function loseAt(boundary: Boundary): Promise<Lost> {
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    deaths.mark(owner.accountId, boundary);
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    const { body: job } = await bot.ended(jobId, 40_000);
    return { owner, jobId, job };
  }

  async function chargesOf(jobId: string): Promise<unknown[]> {
    const charges = await stack.entities.manager.query<{ step: number; entries: number; charge: string }[]>(
      `SELECT step_ordinal AS step, count(*)::int AS entries, sum(amount)::text AS charge FROM ledger.entries
       WHERE job_id = $1 AND to_account LIKE 'consumed:%' GROUP BY step_ordinal ORDER BY step_ordinal`,
      [jobId],
    );
    return charges.map(({ charge, ...rest }) => ({ ...rest, charge: formatCredits(parseMicroCredits(charge)) }));
  }

  it.each(BOUNDARIES)(
    '[F5, F8, edge 28] $boundary: one row for each try, one charge for each step',
    async ({ boundary, asking, working }) => {
      const { owner, jobId, job } = lost.get(boundary) as Lost;
      expect(job).toMatchObject({ state: 'completed', end_reason: 'finished' });
      expect(deaths.countOf(owner.accountId)).toBe(STAGES.length);

      const steps = await stepsOf(stack, jobId);
      expect(steps.map(({ stage }) => stage)).toEqual(STAGES);
      const rows = await attemptsOf(stack, jobId);
      expect(
        rows.map(({ step, attempt, state, chargeClass }) => `${step}: ${attempt} ${state} ${chargeClass}`),
      ).toEqual(
        STAGES.flatMap((stage, index) =>
          (ASKING.includes(stage) ? asking : working).map((line) => `${index + 1}: ${line}`),
        ),
      );
      // Packing is free: what costs nothing moves nothing.
      expect(steps.filter(({ charge }) => charge === '0.000000').map(({ stage }) => stage)).toEqual(['package']);
      expect(await chargesOf(jobId)).toEqual(
        steps.filter(({ stage }) => stage !== 'package').map(({ step, charge }) => ({ step, entries: 1, charge })),
      );
      // Wherever the worker is lost, nobody is asked twice.
      expect(model.calls.filter(({ request }) => request.requestRef.includes(jobId)).length).toBe(ASKING.length);
      expect(await accountFacts(stack, owner.accountId)).toMatchObject({
        jobs: 1,
        holds: 1,
        openHolds: 0,
        held: '0.000000',
        consumed: job['charge'],
      });
      await expectLedgerHolds(stack);
    },
  );
});
