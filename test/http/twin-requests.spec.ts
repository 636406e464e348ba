// Goal: of staff's requests that come at once by one key each gets the same answer, and one thing is done. Method: the
// running stack; a lock on the table, under which all of them have looked for what is there before any of them writes.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { creditsOf } from '../harness/orders.js';
import { until } from '../harness/until.js';
import { Compensating, idOf, ofJob } from './compensating.js';

let staff: Compensating;

beforeAll(async () => {
  staff = await Compensating.open();
  await staff.stack.startWorker();
  await Promise.all([staff.admin.userId(), staff.support.userId()]);
}, 60_000);

afterAll(async () => {
  await staff.close();
}, 60_000);

/** None of them can write before each is about to. */
async function atOnce(table: string, requests: readonly (() => Promise<Answer>)[]): Promise<readonly Answer[]> {
  const { manager } = staff.stack.entities;
  const asked = await withClient(staff.stack.database.ownerUrl, async (client) => {
    await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
    const answers = requests.map(async (request) => request());
    await until(
      async () =>
        manager.query<{ waiting: number }[]>(
          // The databases of other suites have the same table under the same number.
          `SELECT count(*)::int AS waiting FROM pg_locks WHERE relation = $1::regclass AND NOT granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          [table],
        ),
      ([row]) => row?.waiting === requests.length,
    );
    await client.query('COMMIT');
    return { answers };
  });
  return Promise.all(asked.answers);
}

const told = ({ status, body }: Answer): string => `${status} ${String(body['code'] ?? body['id'])}`;

describe('requests of one key that come at once', () => {
  it('[F19] are one compensation', async () => {
    const job = await staff.play();
    const ask = async (): Promise<Answer> => staff.ask({ target: ofJob(job) }, job.jobId);
    const answers = await atOnce('records.compensations', [ask, ask, ask]);
    expect(new Set(answers.map(told)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 201, body: { state: 'posted', posted: '1.200000' } });
    expect(await staff.refundsOf(job)).toHaveLength(1);
  });

  it('[F19] and name previews of their own are one compensation and a mismatch', async () => {
    const [job, other] = [await staff.play(), await staff.play()];
    const previews = [await staff.preview(ofJob(job)), await staff.preview(ofJob(other))].map(idOf);
    const asks = previews.map((id) => async () => staff.ask({ preview_id: id }, job.jobId));
    const answers = await atOnce('records.compensations', asks);
    expect(answers.map(({ status, body }) => [status, body['code']]).sort()).toEqual([
      [201, undefined],
      [409, 'idempotency_mismatch'],
    ]);
    expect([...(await staff.refundsOf(job)), ...(await staff.refundsOf(other))]).toHaveLength(1);
  });

  it('[F18] are one grant', async () => {
    const before = await staff.available();
    const path = `/v1/staff/accounts/${staff.posted.bot.accountId}/grants`;
    const body = { kind: 'admin', credits: '5', reason: 'For a test' };
    const ask = async (): Promise<Answer> => staff.support.call('POST', path, { body, key: 'at once' });
    const answers = await atOnce('records.grants', [ask, ask]);
    expect(new Set(answers.map(told)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 201, body: { state: 'notified', credits: '5.000000' } });
    expect(await staff.available()).toBe(before + creditsOf('5'));
  });

  it('are one incident with one line of the audit', async () => {
    const body = { from: '2026-01-01T00:00:00Z', scope: 'region', name: 'eu-north', description: 'Slow' };
    const add = async (): Promise<Answer> => staff.admin.call('POST', '/v1/admin/incidents', { body, key: 'at once' });
    const answers = await atOnce('records.incidents', [add, add, add]);
    expect(new Set(answers.map(told)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    const lines = await staff.stack.entities.manager.query<unknown[]>(
      `SELECT target_id FROM records.audit WHERE action = 'incident.added'`,
    );
    expect(lines).toEqual([{ target_id: answers[0]?.body['id'] }]);
  });
});
