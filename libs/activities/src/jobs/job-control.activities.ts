// Activities room. What is written for a job because somebody asked for it while it runs.
import type { BudgetAnswer, ChangeBudgetInput, ControlActivities } from '@fairmeter/contracts';
import { packRefusal } from '@fairmeter/contracts';
import { instant, parseMicroCredits, refuse } from '@fairmeter/domain';
import type { JobControlLedger } from '@fairmeter/ledger';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { readBotForAdmission, readPayersPlan } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';
import type { JobMemory, PinnedJob } from './job-memory.js';
import { payerOf, whoPays } from './job-memory.js';
import type { HeardBudget } from './noted-budget.js';
import { noteBudget } from './noted-budget.js';

export interface ControlActivityParts {
  readonly control: JobControlLedger;
  readonly entities: EntityDatabase;
  readonly memory: JobMemory;
  readonly clock: Clock;
}

export class JobControlActivities implements ControlActivities {
  constructor(private readonly parts: ControlActivityParts) {}

  async changeBudget(input: ChangeBudgetInput): Promise<BudgetAnswer> {
    return brokenIsFinal(() => this.setBudget(input));
  }

  private async setBudget(input: ChangeBudgetInput): Promise<BudgetAnswer> {
    const { entities, memory } = this.parts;
    const { jobId, asker, maxMicroCredits } = input;
    const job = await memory.job(entities.manager, jobId);
    const changed = await this.post(input, job);
    if (asker !== undefined) {
      const asked = { asker, accountId: job.accountId, jobId, maxMicroCredits };
      await entities.transaction(async (tx) => noteBudget(tx, asked, changed));
    }
    return changed.ok
      ? { outcome: 'changed', maxMicroCredits: changed.value.result.maxCredits }
      : { outcome: 'refused', refusal: packRefusal(changed.refusal) };
  }

  private async post({ changeKey, maxMicroCredits, asOf }: ChangeBudgetInput, job: PinnedJob): Promise<HeardBudget> {
    const { control, entities, clock } = this.parts;
    const bot = await readBotForAdmission(entities.manager, job.botId, instant(clock.now()));
    if (bot === null) return refuse({ code: 'bot_not_found' });
    const { plan, limits } = bot;
    const visitorPlan = await readPayersPlan(entities.manager, whoPays(job));
    const order = { maxCredits: parseMicroCredits(maxMicroCredits), plan, limits, visitorPlan };
    return unlessBusy(control.changeBudget({ payer: payerOf(job), changeKey, asOf: instant(asOf), order }));
  }
}
