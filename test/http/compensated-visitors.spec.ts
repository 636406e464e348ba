// Goal: an account is told of what came back to its own credits; what visitors had paid goes back to them, and no owner
// hears of it as theirs. Method: the running stack; an incident that hit jobs of both.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { giveVisitor } from '../harness/payers.js';
import type { Played } from '../harness/played-jobs.js';
import { until } from '../harness/until.js';
import type { Body } from './compensating.js';
import { Compensating, hit, idOf, NOW } from './compensating.js';
import { PostedJobs, SMALL, turn } from './posted-jobs.js';

let staff: Compensating;
let elsewhere: PostedJobs;
let own: Played;
const visited: Played[] = [];
let done: Body;

/** Paid with units that the visitor had bought there. */
async function visitedAt(posted: PostedJobs): Promise<Played> {
  const visitorId = newId('vis');
  await giveVisitor(staff.stack, posted.bot, { visitorId, kind: 'eu_pack', credits: '10' });
  return posted.play({ steps: [turn(), hit()], asOf: NOW, visitorId });
}

beforeAll(async () => {
  staff = await Compensating.open();
  await staff.stack.startWorker();
  elsewhere = await PostedJobs.open(staff.stack);
  own = await staff.play([turn(), hit()]);
  for (const posted of [staff.posted, elsewhere]) visited.push(await visitedAt(posted));
  const from = new Date(Date.now() - 60_000).toISOString();
  const body = { from, scope: 'model', name: SMALL.model, description: 'It answered twice' };
  const incident = idOf(await staff.admin.call('POST', '/v1/admin/incidents', { body, key: 'outage' }));
  const id = idOf(await staff.preview({ kind: 'incident', incident_id: incident }));
  await until(
    async () => staff.get(id),
    ({ state }) => state === 'previewed',
  );
  await staff.ask({ preview_id: id }, 'outage');
  done = await until(
    async () => staff.get(id),
    ({ state }) => state === 'posted',
  );
}, 60_000);
afterAll(async () => {
  await staff.close();
}, 60_000);

const told = async (posted: PostedJobs): Promise<readonly Body[]> => {
  const notices = (await posted.get('account/notices', posted.accountKey))['data'] as readonly Body[];
  return notices.filter(({ type }) => type === 'incident.compensated');
};

describe('a compensation of what visitors had paid', () => {
  it('[B4, F19] goes back to whoever paid, each in their own scope', async () => {
    expect(done).toMatchObject({ jobs_posted: 3, posted: '0.600000' });
    const back = await staff.stack.entities.manager.query<Body[]>(
      `SELECT job_id, scope_id, sum(amount)::text AS amount FROM ledger.entries
       WHERE from_account LIKE 'consumed:%' GROUP BY job_id, scope_id ORDER BY job_id`,
    );
    const paidBy = ({ jobId, accountId, scopeId = `account/${accountId}` }: Played): object => ({
      ...{ job_id: jobId, scope_id: scopeId },
      amount: '200000',
    });
    expect(back).toEqual([own, ...visited].map(paidBy));
  });

  it('[B4] is announced to owners as far as it is their own, and not at all where none of it is', async () => {
    expect(await told(staff.posted)).toMatchObject([{ facts: { credits: '0.200000' } }]);
    expect(await told(elsewhere)).toEqual([]);
    const announced = await staff.stack.entities.manager.query<Body[]>(
      `SELECT account_id, visitor_id FROM records.announcements WHERE type = 'incident.compensated'`,
    );
    expect(announced).toEqual([{ account_id: own.accountId, visitor_id: null }]);
  });
});
