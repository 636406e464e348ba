// Goal: what an incident hit comes back once and in full, however often the worker is killed while it does. Method: a
// few hundred jobs, workers that are processes of their own, and locks of the test that hold each of them at a certain
// place: behind the ledger's commit and before that of the rows, between two pages, and half through the ledger.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import type { Played } from '../harness/played-jobs.js';
import { until } from '../harness/until.js';
import { WorkerProcess } from '../harness/worker-process.js';
import type { Body } from './compensating.js';
import { Compensating, hit, hitJobs, previewed, refundsOfEach, writeDown } from './compensating.js';

/** 0.2 credits each, posted 50 at once. */
const JOBS = 300;
/** Nobody asks a model here. */
const usage = { input: 1, cachedInput: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const NO_ANSWERS = {
  version: 1,
  scripts: [{ name: 'none', when: { promptIncludes: 'none' }, steps: { 1: [{ text: 'none', usage }] } }],
};
/** A worker that was killed is missed when the task that it had taken is overdue. */
const TAKEN_OVER_WITHIN_MS = 40_000;

let staff: Compensating;
let jobs: readonly Played[];
let foreseen: Body;
let done: Body;
const workers: WorkerProcess[] = [];
/** At each kill: how many jobs had come back by the ledger, and by the rows of the compensation. */
const killedAt: (readonly [ledger: number, rows: number])[] = [];

beforeAll(async () => {
  staff = await Compensating.open();
  const from = new Date(Date.now() - 60_000).toISOString();
  jobs = await hitJobs(staff, { count: JOBS, steps: [hit()] });
  const incidentId = await writeDown(staff, from);
  const first = await aWorker();
  foreseen = await previewed(staff, incidentId);
  const asked = await amidPage(first);
  await betweenPages();
  await amidLedger();
  const last = await aWorker();
  done = await until(
    async () => staff.get(idOf()),
    ({ state }) => state === 'posted',
    TAKEN_OVER_WITHIN_MS,
  );
  await last.stop();
  // Whoever asked was told what was known by then.
  expect([201, 503]).toContain((await asked.answer).status);
}, 120_000);

afterAll(async () => {
  for (const worker of workers) await worker.kill();
  await staff.close();
}, 60_000);

const idOf = (): string => String(foreseen['id']);
const ask = async (): Promise<Answer> => staff.ask({ preview_id: foreseen['id'] }, 'killed');
/** One person is enough for all of it. */
async function aWorker(): Promise<WorkerProcess> {
  const worker = await WorkerProcess.start(staff.stack, NO_ANSWERS, { GRANT_ALONE_SUPPORT_CREDITS: '100' });
  workers.push(worker);
  return worker;
}

/** Held for the work, and let go with its end. */
async function holding<T>(statement: string, values: readonly unknown[], work: () => Promise<T>): Promise<T> {
  return withClient(staff.stack.database.adminUrl, async (client) => {
    await client.query('BEGIN');
    await client.query(statement, [...values]);
    const done = await work();
    await client.query('ROLLBACK');
    return done;
  });
}

const ROW_OF_JOB = `SELECT FROM records.compensation_jobs WHERE compensation_id = $1 AND job_id = (
    SELECT job_id FROM records.compensation_jobs WHERE compensation_id = $1 ORDER BY job_id OFFSET $2 LIMIT 1)
  FOR UPDATE`;
/** For tables whoever asks first is next, as soon as the lock is let go. For a row that is whoever is quicker then. */
const COMPENSATIONS = 'LOCK TABLE records.compensations IN EXCLUSIVE MODE';
const SCOPE = 'SELECT FROM ledger.scopes WHERE id = $1 FOR UPDATE';

async function count(statement: string, values: readonly unknown[] = [idOf()]): Promise<number> {
  const [row] = await staff.stack.entities.manager.query<{ count: number }[]>(statement, [...values]);
  return row?.count ?? 0;
}

const inLedger = async (): Promise<number> =>
  count(`SELECT count(*)::int AS count FROM records.compensation_jobs c JOIN ledger.jobs j ON j.id = c.job_id
    WHERE c.compensation_id = $1 AND j.refunded > 0`);
const inRows = async (): Promise<number> =>
  count('SELECT count(posted)::int AS count FROM records.compensation_jobs WHERE compensation_id = $1');

async function cameBack(wanted: number): Promise<void> {
  await until(inLedger, (found) => found === wanted, TAKEN_OVER_WITHIN_MS);
}

async function kill(worker: WorkerProcess): Promise<void> {
  await worker.kill();
  killedAt.push([await inLedger(), await inRows()]);
}

/** The second page stands in the ledger, and its rows are not written. */
async function amidPage(worker: WorkerProcess): Promise<{ readonly answer: Promise<Answer> }> {
  return holding(ROW_OF_JOB, [idOf(), 75], async () => {
    const answer = ask();
    await cameBack(100);
    await kill(worker);
    return { answer };
  });
}

/** The third page is written, and the fourth waits for its turn. */
async function betweenPages(): Promise<void> {
  await withClient(staff.stack.database.adminUrl, async (next) => {
    const { worker, turn } = await holding(ROW_OF_JOB, [idOf(), 125], async () => {
      const begun = await aWorker();
      await cameBack(150);
      await next.query('BEGIN');
      const { rows } = await next.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const waits = next.query(COMPENSATIONS);
      await until(
        async () => count('SELECT cardinality(pg_blocking_pids($1)) AS count', [rows[0]?.pid]),
        (blocking) => blocking > 0,
      );
      return { worker: begun, turn: waits };
    });
    await turn;
    await kill(worker);
    await next.query('ROLLBACK');
  });
}

/** Of the fourth page the jobs of one account stand in the ledger, those of the other wait for their scope. */
async function amidLedger(): Promise<void> {
  const { accountId } = staff.posted.bot;
  const elsewhere = jobs.find((job) => job.accountId !== accountId)?.accountId;
  const ofPage = await count(
    `SELECT count(*)::int AS count FROM (SELECT account_id FROM records.compensation_jobs
       WHERE compensation_id = $1 ORDER BY job_id OFFSET 150 LIMIT 50) page WHERE account_id = $2`,
    [idOf(), accountId],
  );
  await holding(SCOPE, [`account/${String(elsewhere)}`], async () => {
    const worker = await aWorker();
    await cameBack(150 + ofPage);
    await kill(worker);
  });
}

describe('an incident that is compensated while its worker is killed three times', () => {
  it('[F19] [edge 59] comes back in full: totals equal the preview', () => {
    expect(foreseen).toMatchObject({ jobs: JOBS, jobs_to_post: JOBS, foreseen: '60.000000', posted: '0.000000' });
    expect(done).toMatchObject({
      ...{ jobs_posted: JOBS, jobs_different: 0, foreseen: '60.000000', posted: '60.000000' },
      ...{ difference: '0.000000', asked: true },
    });
  });

  it('[F19] gives back no job twice, wherever it was killed', async () => {
    const [afterLedger, betweenTwo, halfThrough] = killedAt;
    expect([afterLedger, betweenTwo]).toEqual([
      [100, 50],
      [150, 150],
    ]);
    expect(halfThrough?.[1]).toBe(150);
    expect(halfThrough?.[0]).toBeGreaterThan(150);
    expect(halfThrough?.[0]).toBeLessThan(200);
    const counts = await refundsOfEach(staff, jobs);
    expect(counts).toHaveLength(JOBS);
    expect(counts.filter(({ refunded, refunds }) => refunded !== '200000' || refunds !== 1)).toEqual([]);
    expect((await ask()).body).toMatchObject({ id: foreseen['id'], state: 'posted', posted: '60.000000' });
  });

  it('tells each account once', async () => {
    const told = await staff.stack.entities.manager.query<{ account_id: string }[]>(
      `SELECT account_id FROM records.announcements WHERE type = 'incident.compensated'`,
    );
    expect(told.map((row) => row.account_id).sort()).toEqual([...new Set(jobs.map((job) => job.accountId))].sort());
  });
});
