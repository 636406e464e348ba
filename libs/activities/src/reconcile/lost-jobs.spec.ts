// Goal: of jobs whose workflow cannot be found, one that cannot be looked at keeps nobody from the others, and one that
// ended while it was asked for was never lost. Method: real jobs, and a server of workflows that answers by hand.
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { expect, it } from '@jest/globals';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, botTerms, creditsOf, T0 } from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { LostJobs } from './lost-jobs.js';
import type { WorkflowsAsked } from './workflows-asked.js';

const HOUR = 3_600_000;

let db: LedgerDatabase;
allOnOneLedger((opened) => {
  db = opened;
});

const nobodyAsks = async (): Promise<never> => {
  throw new Error('nobody asks for this');
};

it('[edge 29] are looked at each by itself, and listed only while they are open', async () => {
  const accountId = await db.account('100');
  const asOf = instant(Date.now());
  const ids = [newId('job'), newId('job')].sort();
  for (const id of ids) await db.jobs.admit(accountId, asOf, admitOrder(id, { bot: botTerms({ accountId }) }));
  const [, jobId = ''] = ids;
  let asked = 0;
  const workflows: WorkflowsAsked = {
    listedOpen: async () => new Set(),
    standingOf: async () => {
      asked += 1;
      if (asked === 1) throw new Error('of this one the server knows nothing to say');
      const settled = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
      await db.jobs.settle({ accountId, jobId }, asOf, settled);
      return { state: 'closed', how: 'completed' };
    },
    openJobs: nobodyAsks,
    stuck: nobodyAsks,
    isStuck: nobodyAsks,
    awaitedStep: nobodyAsks,
    firstRunOf: nobodyAsks,
  };
  const seen: string[] = [];
  const { jobs, entities } = db;
  // Past whatever instant the ledger of this test stamps.
  const clock = { now: () => Math.max(Date.now(), T0) + HOUR };
  const signs = {
    saw: (sign: string) => {
      seen.push(sign);
    },
  };
  const lost = new LostJobs({ jobs, entities, clock, workflows, graceMs: 0, signs });
  expect(await lost.page(null)).toEqual({ looked: 2, found: 0, next: null });
  expect([asked, seen]).toEqual([2, ['reconcile_failed']]);
  expect(await entities.manager.query('SELECT subject FROM records.drift')).toEqual([]);
});
