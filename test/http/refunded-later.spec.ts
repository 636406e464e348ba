// Goal: what an owner has read of a time stays true when a job of that time comes to cost nothing later: the refund is
// of its own day, and times add up. Method: two jobs, a review whose clock is moved by more than a month, and the usage
// and the ledger as they were read before and after it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { creditsOf } from '../harness/orders.js';
import { DAY_MS } from '../harness/next-friday.js';
import type { SignedIn } from '../harness/signed-in.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { DETAILS, Reviewing } from './reviewing.js';

const now = Date.now();
/** The noon of a day that is forty days later: no midnight is near. */
const LATER = (Math.floor(now / DAY_MS) + 40.5) * DAY_MS;
const refundedOn = new Date(LATER).toISOString().slice(0, 10);
const dayAfter = (days: number): string => new Date(now + days * DAY_MS).toISOString();
/** Around the jobs, from there to beyond the refund, and both. */
const TIMES = {
  first: `from=${dayAfter(-1)}&to=${dayAfter(20)}`,
  second: `from=${dayAfter(20)}&to=${dayAfter(60)}`,
  whole: `from=${dayAfter(-1)}&to=${dayAfter(60)}`,
} as const;
const GROUPS = ['day', 'model', 'kind,day', 'thread'];

let reviewing: Reviewing;
let posted: PostedJobs;
let owner: SignedIn;
let refundedJob: string;
let readBefore: Readout;
let readAfter: Readout;

beforeAll(async () => {
  reviewing = await Reviewing.open({ worker: { GRANT_ALONE_SUPPORT_CREDITS: '50' } });
  posted = await PostedJobs.open(reviewing.stack);
  owner = await reviewing.person(posted.bot.accountId, 'owner');
  const played = { asOf: instant(now), threadId: 'one' };
  refundedJob = (await posted.play({ ...played, steps: [turn(), turn()] })).jobId;
  await posted.play({ ...played, steps: [turn()], threadId: 'another' });
  const id = String((await owner.once('/v1/reviews', { body: { thread: refundedJob, ...DETAILS } })).body['id']);
  readBefore = await read();
  await skipWorkflow(reviewing.stack, usageReviewWorkflowId(id), { to: LATER });
  await reviewing.desk(id, 'analyse');
  const all = { verdict: 'confirmed', cause: 'system_errors', reasons: 'Our bundler was away.' };
  const { body } = await reviewing.desk(id, 'decide', { body: all });
  if (body['state'] !== 'notified') throw new Error(JSON.stringify(body));
  readAfter = await read();
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

interface Readout {
  /** Of the first time, grouped in every way. */
  readonly usage: readonly Body[];
  readonly ledger: readonly Body[];
}

async function usageOf(query: string): Promise<Body> {
  const { total, data, rest } = await posted.get(`account/usage?${query}`, posted.accountKey);
  return { total, data, rest };
}

async function read(): Promise<Readout> {
  const usage: Body[] = [];
  for (const group of GROUPS) usage.push(await usageOf(`group_by=${group}&${TIMES.first}`));
  const { data } = await posted.get('account/ledger?order=oldest&limit=100', posted.accountKey);
  return { usage, ledger: data as readonly Body[] };
}

const figuresOf = ({ total }: Body): unknown => {
  const { charged, refunded, net } = total as Body;
  return { charged, refunded, net };
};

/** Charged without refunded, of the entries that took effect before an instant or after it, in micro-credits. */
function netOf(entries: readonly Body[], isCounted: (at: string) => boolean): bigint {
  return entries
    .filter(({ effective_at: at }) => isCounted(String(at)))
    .reduce((sum, { movement, amount }) => {
      if (movement === 'charged') return sum + creditsOf(String(amount));
      return movement === 'refunded' ? sum - creditsOf(String(amount)) : sum;
    }, 0n);
}

describe('a job that comes to cost nothing after its time was read', () => {
  it('[edge 65] costs nothing now', async () => {
    expect(await posted.get(`jobs/${refundedJob}/cost`)).toMatchObject({
      ...{ charge: '1.200000', refunded: '1.200000', net: '0.000000' },
    });
  });

  it('[edge 65] leaves that time as it was, in every way that it is told, and the entries that there were', () => {
    expect(figuresOf(readBefore.usage[0] ?? {})).toEqual({
      ...{ charged: '1.800000', refunded: '0.000000', net: '1.800000' },
    });
    expect(readAfter.usage).toEqual(readBefore.usage);
    expect(readAfter.ledger.slice(0, readBefore.ledger.length)).toEqual(readBefore.ledger);
  });

  it('[edge 65] shows what came back on the day on which it did, and both times add up to the whole', async () => {
    const second = await usageOf(`group_by=day&${TIMES.second}`);
    expect(figuresOf(second)).toEqual({ charged: '0.000000', refunded: '1.200000', net: '-1.200000' });
    expect(second['data']).toMatchObject([{ key: { day: refundedOn }, jobs: 1, net: '-1.200000' }]);
    expect(figuresOf(await usageOf(TIMES.whole))).toEqual({
      ...{ charged: '1.800000', refunded: '1.200000', net: '0.600000' },
    });
  });

  it('[edge 65] is the same in the ledger, time by time', () => {
    const { ledger } = readAfter;
    const between = dayAfter(20);
    expect([
      netOf(ledger, (at) => at < between),
      netOf(ledger, (at) => at >= between),
      netOf(ledger, () => true),
    ]).toEqual([1_800_000n, -1_200_000n, 600_000n]);
    const added = ledger.slice(readBefore.ledger.length);
    expect(added.map(({ movement, step, amount }) => [movement, step, amount])).toEqual([
      ['refunded', 1, '0.600000'],
      ['refunded', 2, '0.600000'],
    ]);
  });
});
