// Worker. The first try of every webhook: woken by what is queued, and by a look of its own where a message was lost.
// An endpoint at which one does not arrive, or that is slow, goes to a workflow, so that it keeps nobody else waiting.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { startDelivery } from './start-delivery.js';

export interface WebhookSenderOptions {
  readonly webhooks: Pick<ActivitiesInUse['webhooks'], 'due' | 'handOver' | 'listen' | 'sendFirst'>;
  readonly temporal: Pick<TemporalClient, 'client'>;
  readonly logger: Pick<Logger, 'warn'>;
}

type Place = Awaited<ReturnType<ActivitiesInUse['webhooks']['due']>>[number];
type Listening = Awaited<ReturnType<ActivitiesInUse['webhooks']['listen']>>;

const LOOK_EVERY_MS = 2_000;
const ENDPOINTS_AT_ONCE = 8;
/** However many endpoints an account has, most of the room is for others. */
const OF_ONE_ACCOUNT = 2;

export class WebhookSender {
  private readonly waiting = new Map<string, Place>();
  private readonly inHand = new Map<string, { readonly accountId: string; readonly work: Promise<void> }>();
  private listening: Listening | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looks: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(private readonly options: WebhookSenderOptions) {}

  start(): void {
    this.looks = this.listen();
    this.timer = setInterval(() => {
      this.looks = this.looks.then(async () => this.look());
    }, LOOK_EVERY_MS);
  }

  /** Waits for what is on its way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.looks;
    await Promise.all([...this.inHand.values()].map(async ({ work }) => work));
    await this.listening?.close();
  }

  private async listen(): Promise<void> {
    try {
      this.listening = await this.options.webhooks.listen((place) => {
        this.hear([place]);
      });
    } catch (error) {
      this.options.logger.warn({ err: error }, 'listening for webhooks failed, looking for them meanwhile');
    }
    await this.look();
  }

  private async look(): Promise<void> {
    if (this.isStopped) return;
    try {
      this.hear(await this.options.webhooks.due());
    } catch (error) {
      this.options.logger.warn({ err: error }, 'webhooks could not be looked for, looking again soon');
    }
  }

  private hear(places: readonly Place[]): void {
    for (const place of places) this.waiting.set(place.endpointId, place);
    this.begin();
  }

  private begin(): void {
    for (const [id, place] of this.waiting) {
      if (this.isStopped || this.inHand.size >= ENDPOINTS_AT_ONCE) return;
      const { accountId } = place;
      if (this.inHand.has(id) || this.inHandOf(accountId) >= OF_ONE_ACCOUNT) continue;
      this.waiting.delete(id);
      const work = this.serve(place).finally(() => {
        this.inHand.delete(id);
        this.begin();
      });
      this.inHand.set(id, { accountId, work });
    }
  }

  private inHandOf(accountId: string): number {
    return [...this.inHand.values()].filter((one) => one.accountId === accountId).length;
  }

  private async serve(place: Place): Promise<void> {
    const { webhooks, temporal, logger } = this.options;
    const { endpointId } = place;
    try {
      const { outcome } = await webhooks.sendFirst(endpointId, () => this.isStopped);
      if (outcome === 'more') this.waiting.set(endpointId, place);
      if (outcome !== 'failed' && outcome !== 'gone' && outcome !== 'slow') return;
      // The workflow first: were it the other way round, a crash in between would leave nobody who tries.
      await startDelivery(temporal, endpointId);
      await webhooks.handOver(endpointId);
    } catch (error) {
      logger.warn({ err: error, endpointId }, 'a webhook could not be sent yet');
    }
  }
}
