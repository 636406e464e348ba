// Bench room, compensations. Thousands of jobs that ran while everything was failing, posted straight to the ledger,
// and one compensation of all of them, asked for as staff would.
import type { CompensationInput } from '@fairmeter/contracts';
import { COMPENSATION_WORKFLOW, compensationWorkflowId, JOBS_QUEUE } from '@fairmeter/contracts';
import { instant, type MicroCredits } from '@fairmeter/domain';
import { JobLedger, LedgerStore } from '@fairmeter/ledger';
import { newId, WriterDatabase, type EntityDatabase } from '@fairmeter/platform/database';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import type { CompensationTotals } from '@fairmeter/records';
import {
  askForPreviewed,
  findCompensation,
  readBotForAdmission,
  readCompensationTotals,
  recordIncident,
  saveNewCompensation,
} from '@fairmeter/records';
import { openEntities } from '../../apps/cli/src/database/provision.js';
import { byTokens, USE_OF_0_6 } from '../../test/harness/orders.js';
import { playJob, type PlayedStep } from '../../test/harness/played-jobs.js';
import type { BenchBot } from '../stack/seed-bench.js';

const PLAYED_AT_ONCE = 64;
export const STEPS_OF_A_JOB = 2;
const STAFF = { id: 'usr_bench', role: 'admin' } as const;

export class HitJobs {
  private constructor(
    private readonly entities: EntityDatabase,
    private readonly incidentId: string,
  ) {}

  static async play(writerUrl: string, bots: readonly BenchBot[], count: number): Promise<HitJobs> {
    const entities = await openEntities(writerUrl);
    const writer = await WriterDatabase.open({ url: writerUrl, maxConnections: 8, applicationName: 'bench-hit-jobs' });
    const from = Date.now();
    try {
      await playAll({ entities, ledger: new JobLedger(new LedgerStore(writer)), bots, count });
    } finally {
      await writer.close();
    }
    const incidentId = newId('inc');
    const window = { from: instant(from), until: null, scope: 'all', name: null } as const;
    await recordIncident(entities.manager, { id: incidentId, description: 'Everything answered twice', ...window });
    return new HitJobs(entities, incidentId);
  }

  /** What would come back; the id is that of the compensation, too. */
  async preview({ client }: TemporalClient): Promise<{ readonly id: string; readonly totals: CompensationTotals }> {
    const id = newId('cps');
    const target = { kind: 'incident', incidentId: this.incidentId, reach: 'steps' } as const;
    await saveNewCompensation(this.entities.manager, { id, target, askedBy: STAFF, requestId: 'bench', asked: null });
    await client.workflow.execute(COMPENSATION_WORKFLOW, startOf(id, true));
    return { id, totals: await this.totals(id) };
  }

  async ask({ client }: TemporalClient, id: string): Promise<void> {
    const asked = { reasonRef: newId('txt'), keyHash: id, bodyHash: id, requestId: 'bench' };
    const isAsked = await askForPreviewed(this.entities.manager, id, asked);
    if (!isAsked) throw new Error('the preview of the bench cannot be posted by');
    await client.workflow.start(COMPENSATION_WORKFLOW, startOf(id, false));
  }

  async totals(id: string): Promise<CompensationTotals> {
    return readCompensationTotals(this.entities.manager, id);
  }

  async isPosted(id: string): Promise<boolean> {
    return (await findCompensation(this.entities.manager, id))?.state === 'posted';
  }

  /** How many jobs came back by more than one operation, and what came back of all by the entries themselves. */
  async returned(): Promise<{ readonly twice: number; readonly credits: MicroCredits }> {
    const [row] = await this.entities.manager.query<{ twice: string; credits: string }[]>(
      `SELECT count(*) FILTER (WHERE refunds > 1)::text AS twice, coalesce(sum(amount), 0)::text AS credits FROM (
         SELECT job_id, count(DISTINCT operation_key) AS refunds, sum(amount) AS amount
         FROM ledger.entries WHERE from_account LIKE 'consumed:%' GROUP BY job_id) job`,
    );
    return { twice: Number(row?.twice), credits: BigInt(row?.credits ?? '0') as MicroCredits };
  }

  async close(): Promise<void> {
    await this.entities.close();
  }
}

function startOf(compensationId: string, previewOnly: boolean) {
  const input: CompensationInput = { compensationId, askedById: STAFF.id, previewOnly };
  return { workflowId: compensationWorkflowId(input), taskQueue: JOBS_QUEUE, args: [input] };
}

interface Playing {
  readonly entities: EntityDatabase;
  readonly ledger: JobLedger;
  readonly bots: readonly BenchBot[];
  readonly count: number;
}

async function playAll({ entities, ledger, bots, count }: Playing): Promise<void> {
  const now = instant(Date.now());
  const known = await Promise.all(bots.map(async ({ botId }) => readBotForAdmission(entities.manager, botId, now)));
  let left = count;
  const playNext = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const bot = known[left % known.length];
      const price = bot?.rateCard.models.find(({ model }) => model === bot.defaultModel);
      if (bot === undefined || bot === null || price === undefined) throw new Error('a bot of the bench has no price');
      const step: PlayedStep = {
        stage: 'generate',
        kind: 'model_call',
        price: byTokens(price),
        used: USE_OF_0_6,
      };
      const steps = Array.from({ length: STEPS_OF_A_JOB }, () => step);
      if ((await playJob(ledger, { bot, steps, asOf: now })) === null) throw new Error('a job was not admitted');
    }
  };
  await Promise.all(Array.from({ length: PLAYED_AT_ONCE }, playNext));
}
