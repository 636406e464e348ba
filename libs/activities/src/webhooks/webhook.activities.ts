// Activities room. Webhooks on their way: what waits at an endpoint is sent in its order, one at a time, under a lease,
// and noted before the next one goes. What a crash leaves in doubt is sent again under the same id.
import type { DisableWebhook, WebhookActivities, WebhookAt, WebhookTried, WebhookTry } from '@fairmeter/contracts';
import { instant, instantToText } from '@fairmeter/domain';
import type { Clock, Logger } from '@fairmeter/platform';
import { sealingKeyOf, unseal } from '@fairmeter/platform';
import type { EntityDatabase, WriterDatabase } from '@fairmeter/platform/database';
import type { OutgoingWebhook, WebhookOutcome, WebhookPort } from '@fairmeter/providers/webhooks';
import type { NextDelivery, QueuedEvent, WebhookPlace, WebhookTurn } from '@fairmeter/records';
import {
  accountsThatAsked,
  announce,
  disableWebhook,
  endLease,
  extendLease,
  isSendable,
  leaseWebhook,
  nextDelivery,
  noteCaughtUp,
  noteTry,
  placeOfMessage,
  queueWebhook,
  sweepDeliveries,
  webhooksDue,
  webhooksFailing,
  WEBHOOK_CHANNEL,
  writeAudit,
} from '@fairmeter/records';
import { Context } from '@temporalio/activity';
import { brokenIsFinal } from '../to-application-failure.js';

export interface WebhookParts {
  readonly entities: EntityDatabase;
  readonly feeding: Pick<WriterDatabase, 'listen'>;
  readonly port: WebhookPort;
  readonly clock: Clock;
  /** Without it there are no endpoints either. */
  readonly sealingSecret: string | undefined;
  /** How long one try may take. */
  readonly withinMs: number;
  readonly logger: Pick<Logger, 'error'>;
}

/** One turn at an endpoint. */
interface Turn {
  readonly kind: WebhookTurn;
  readonly beat: () => void;
  /** Whether no further message should be begun, after so long a time. */
  readonly mustEnd: (tookMs: number) => boolean;
  /** Rejects where nobody waits for the turn any more. */
  readonly cancelled?: Promise<never>;
}

/** In one go; whoever has more comes again, so that no endpoint keeps others waiting for long. */
const SENT_AT_ONCE = 50;
/** A first turn that has taken so long ends, with whatever waits there still. */
const FIRST_TURN_MS = 2_000;
/** Who takes so long for a message goes to its workflow, where nobody else waits for it. */
const SLOW_MS = 500;
const DUE_AT_ONCE = 50;
/** Beyond the time of one try: only whoever died leaves a lease behind. */
const LEASE_SPARE_MS = 10_000;
const KEPT_MS = 30 * 86_400_000;
const GONE = 410;

export class WebhookDesk implements WebhookActivities {
  constructor(private readonly parts: WebhookParts) {}

  /** Since when the accounts have wanted any of these told, of those named or of all. */
  async asked(...which: Tail<Parameters<typeof accountsThatAsked>>): ReturnType<typeof accountsThatAsked> {
    return accountsThatAsked(this.parts.entities.manager, ...which);
  }

  async queue(events: readonly QueuedEvent[]): Promise<void> {
    await this.parts.entities.transaction(async (tx) => {
      for (const event of events) await queueWebhook(tx, event);
    });
  }

  /** Hears of every endpoint for which something was queued; what was missed is found by `due`. */
  async listen(onEndpoint: (place: WebhookPlace) => void): ReturnType<WriterDatabase['listen']> {
    return this.parts.feeding.listen({
      channel: WEBHOOK_CHANNEL,
      onMessage: (message) => {
        const place = placeOfMessage(message);
        if (place !== null) onEndpoint(place);
      },
      onReconnect: () => undefined,
    });
  }

  /** Endpoints at which something waits for its first try. */
  async due(): Promise<readonly WebhookPlace[]> {
    return webhooksDue(this.parts.entities.manager, DUE_AT_ONCE);
  }

  /** Endpoints that somebody should go on trying. */
  async failing(): Promise<readonly string[]> {
    return webhooksFailing(this.parts.entities.manager);
  }

  /** As far as nothing fails. What did fail is tried here again unless `handOver` was called. */
  async sendFirst(endpointId: string, isStopped: () => boolean): Promise<WebhookTried> {
    return this.send(endpointId, {
      kind: 'first',
      beat: () => undefined,
      mustEnd: (tookMs) => tookMs >= FIRST_TURN_MS || isStopped(),
    });
  }

  /** From now on its workflow tries. */
  async handOver(endpointId: string): Promise<void> {
    await endLease(this.parts.entities.manager, endpointId, { isFailing: true });
  }

  async deliverWebhooks({ endpointId }: WebhookAt): Promise<WebhookTried> {
    const context = Context.current();
    return brokenIsFinal(() =>
      this.send(endpointId, {
        kind: 'again',
        beat: () => {
          context.heartbeat();
        },
        mustEnd: () => false,
        cancelled: context.cancelled,
      }),
    );
  }

  async disableWebhook({ endpointId, reason }: DisableWebhook): Promise<void> {
    await brokenIsFinal(() =>
      this.parts.entities.transaction(async (tx) => {
        const disabled = await disableWebhook(tx, endpointId, reason);
        if (disabled === null) return;
        const { accountId } = disabled;
        await writeAudit(tx, {
          accountId,
          actor: { role: 'platform', id: 'webhook_delivery' },
          action: 'webhook.disabled',
          targetId: endpointId,
          before: { disabled_reason: null },
          after: { disabled_reason: reason },
        });
        await announce(tx, {
          accountId,
          visitor: null,
          type: 'webhook.disabled',
          about: endpointId,
          facts: { webhook_id: endpointId, reason },
          mailTo: { to: 'owner' },
        });
      }),
    );
  }

  /** What arrived, or was given up, is listed for a month. */
  async sweep(): Promise<number> {
    return sweepDeliveries(this.parts.entities.manager, instant(this.parts.clock.now() - KEPT_MS));
  }

  private async send(endpointId: string, turn: Turn): Promise<WebhookTried> {
    const { entities, clock, withinMs } = this.parts;
    const { manager } = entities;
    const leaseMs = withinMs + LEASE_SPARE_MS;
    if (!(await leaseWebhook(manager, endpointId, { turn: turn.kind, leaseMs }))) {
      return { outcome: (await isSendable(manager, endpointId)) ? 'busy' : 'not_wanted', delivered: 0 };
    }
    const beganAt = clock.now();
    let delivered = 0;
    let outcome: WebhookTry = 'more';
    // By rounds, not by what arrived: a round that found nothing to send counts as well.
    for (let round = 0; outcome === 'more' && round < SENT_AT_ONCE; round += 1) {
      if (turn.mustEnd(clock.now() - beganAt)) {
        outcome = await this.endEarly(endpointId, (clock.now() - beganAt) / Math.max(1, delivered));
        break;
      }
      turn.beat();
      const next = await nextDelivery(manager, endpointId);
      if (next === null) outcome = await this.endOfQueue(endpointId);
      else {
        await extendLease(manager, endpointId, leaseMs);
        outcome = await this.tryOnce(endpointId, next, turn.cancelled);
        if (outcome === 'more') delivered += 1;
      }
    }
    if (outcome !== 'caught_up') await endLease(manager, endpointId, { isFailing: false });
    return { outcome, delivered };
  }

  /** Nothing is there to send: because all of it arrived, or because nothing may be sent any more. */
  private async endOfQueue(endpointId: string): Promise<'caught_up' | 'not_wanted' | 'more'> {
    const { manager } = this.parts.entities;
    if (!(await isSendable(manager, endpointId))) return 'not_wanted';
    return (await noteCaughtUp(manager, endpointId)) ? 'caught_up' : 'more';
  }

  private async endEarly(endpointId: string, msEach: number): Promise<'caught_up' | 'not_wanted' | 'more' | 'slow'> {
    const end = await this.endOfQueue(endpointId);
    return end === 'more' && msEach >= SLOW_MS ? 'slow' : end;
  }

  private async tryOnce(
    endpointId: string,
    next: NextDelivery,
    cancelled: Turn['cancelled'],
  ): Promise<'more' | 'failed' | 'gone'> {
    const { port } = this.parts;
    const webhook = this.signable(endpointId, next);
    // What is on its way when nobody waits any more stays in doubt, and goes again under its id.
    const sent: WebhookOutcome | Unsigned =
      webhook === null
        ? { delivered: false, status: null, problem: 'not_signed' }
        : await Promise.race([port.send(webhook), ...(cancelled === undefined ? [] : [cancelled])]);
    const { delivered: isDelivered, status } = sent;
    const problem = sent.delivered ? null : sent.problem;
    const { eventId, askedAgain } = next;
    const tried = { endpointId, eventId, askedAgain, isDelivered, status, problem };
    await noteTry(this.parts.entities.manager, tried);
    if (isDelivered) return 'more';
    return status === GONE ? 'gone' : 'failed';
  }

  /** Null where its secrets cannot be opened: whoever runs the platform has to mend that, and the receiver cannot. */
  private signable(endpointId: string, next: NextDelivery): OutgoingWebhook | null {
    try {
      const secrets = next.secrets.map((secret) => this.unsealed(secret));
      return { url: next.url, eventId: next.eventId, body: bodyOf(next), secrets, sentAtMs: this.parts.clock.now() };
    } catch (error) {
      this.parts.logger.error({ err: error, endpointId }, 'webhooks cannot be signed: WEBHOOK_SEALING_KEY is another');
      return null;
    }
  }

  private unsealed({ id, sealed }: NextDelivery['secrets'][number]): string {
    const { sealingSecret } = this.parts;
    if (sealingSecret === undefined) throw new Error('WEBHOOK_SEALING_KEY is not set, so no webhook can be signed');
    return unseal(sealingKeyOf(sealingSecret), id, sealed);
  }
}

interface Unsigned {
  readonly delivered: false;
  readonly status: null;
  readonly problem: 'not_signed';
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** The same bytes at every try. */
function bodyOf({ type, at, data }: NextDelivery): string {
  return JSON.stringify({ type, timestamp: instantToText(at), data });
}
