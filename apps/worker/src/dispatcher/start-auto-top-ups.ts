// Worker. Where an account's owner lets a bundle be bought by itself, whatever happens to its credits is looked at: is
// there too little now? Saying so twice does no harm, since whoever buys asks again under a lock.
import type { ActivitiesInUse } from '@fairmeter/activities';
import { AUTO_TOP_UP_WORKFLOW, autoTopUpWorkflowId, creditsFellSignal, JOBS_QUEUE } from '@fairmeter/contracts';
import { accountOfScope, accountScope } from '@fairmeter/domain';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { WITHIN_MS } from '../begin-run.js';
import type { OutboxConsumer, Pace } from './outbox-consumer.js';

/** Whoever ran out may wait for it, though not to the moment; and each time asks who has switched it on. */
const SOON: Pace = { newsMs: 500, lookMs: 5_000 };

export class StartAutoTopUps implements OutboxConsumer {
  readonly reader = { name: 'start-auto-top-ups', follows: 'all_scopes', takes: 'newest' } as const;
  readonly pace = SOON;

  constructor(
    private readonly topUps: Pick<ActivitiesInUse['autoTopUps'], 'switchedOn' | 'isDue'>,
    private readonly temporal: Pick<TemporalClient, 'client'>,
  ) {}

  async among(scopeIds: readonly string[] | null): Promise<readonly string[]> {
    const accounts = scopeIds?.flatMap((scopeId) => accountOfScope(scopeId) ?? []) ?? null;
    if (accounts?.length === 0) return [];
    return (await this.topUps.switchedOn(accounts)).map(accountScope);
  }

  async handle(scopeId: string): Promise<void> {
    const accountId = accountOfScope(scopeId);
    if (accountId === undefined || !(await this.topUps.isDue(accountId))) return;
    const { client } = this.temporal;
    await client.withDeadline(Date.now() + WITHIN_MS, async () =>
      client.workflow.signalWithStart(AUTO_TOP_UP_WORKFLOW, {
        workflowId: autoTopUpWorkflowId(accountId),
        taskQueue: JOBS_QUEUE,
        args: [{ accountId }],
        signal: creditsFellSignal,
        signalArgs: [],
      }),
    );
  }
}
