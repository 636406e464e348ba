// Activities room. What is written for a job because somebody asked for it while it runs.
import type { BudgetAnswer, ChangeBudgetInput, ControlActivities } from '@fairmeter/contracts';
import { packRefusal } from '@fairmeter/contracts';
import { instant, parseMicroCredits } from '@fairmeter/domain';
import type { JobControlLedger } from '@fairmeter/ledger';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';

export class JobControlActivities implements ControlActivities {
  constructor(private readonly control: JobControlLedger) {}

  async changeBudget(input: ChangeBudgetInput): Promise<BudgetAnswer> {
    const { jobId, accountId, changeKey, maxMicroCredits } = input;
    const changed = await brokenIsFinal(() =>
      unlessBusy(
        this.control.changeBudget({
          payer: { accountId, jobId },
          changeKey,
          asOf: instant(input.asOf),
          order: { maxCredits: parseMicroCredits(maxMicroCredits) },
        }),
      ),
    );
    return changed.ok
      ? { outcome: 'changed', maxMicroCredits: changed.value.result.maxCredits }
      : { outcome: 'refused', refusal: packRefusal(changed.refusal) };
  }
}
