// Worker. Tells the jobs that wait in a scope when something there may have brought them enough. Telling one that does
// not wait any more does no harm, so being told twice does none either.
import type { ActivitiesInUse } from '@fairmeter/activities';
import { creditsChangedSignal } from '@fairmeter/contracts';
import { mayBringCredits } from '@fairmeter/domain';
import { isWorkflowGone, type TemporalClient } from '@fairmeter/platform/temporal';
import { WITHIN_MS } from '../begin-run.js';
import type { OutboxConsumer, OutboxEvents } from './outbox-consumer.js';

const AT_ONCE = 20;

export class WakeWaitingJobs implements OutboxConsumer {
  readonly reader = { name: 'wake-waiting-jobs', follows: 'waiting_jobs' } as const;

  constructor(
    private readonly outbox: Pick<ActivitiesInUse['outbox'], 'waitingJobs'>,
    private readonly temporal: Pick<TemporalClient, 'client'>,
  ) {}

  async handle(scopeId: string, events: OutboxEvents): Promise<void> {
    const hopeful = events.filter(mayBringCredits);
    if (hopeful.length === 0) return;
    const forCreditsOnly = hopeful.every(({ type }) => type === 'step.started');
    const jobs = await this.outbox.waitingJobs(scopeId, { forCreditsOnly });
    for (let from = 0; from < jobs.length; from += AT_ONCE) {
      await Promise.all(jobs.slice(from, from + AT_ONCE).map(({ workflowId }) => this.tell(workflowId)));
    }
  }

  private async tell(workflowId: string): Promise<void> {
    const { client } = this.temporal;
    try {
      await client.withDeadline(Date.now() + WITHIN_MS, async () =>
        client.workflow.getHandle(workflowId).signal(creditsChangedSignal),
      );
    } catch (error) {
      // It has ended meanwhile, or was ended by hand: there is nobody to tell.
      if (!isWorkflowGone(error)) throw error;
    }
  }
}
