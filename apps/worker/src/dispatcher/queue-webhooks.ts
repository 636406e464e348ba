// Worker. What the ledger says has happened, queued for the endpoints that asked for it: by an id that follows from the
// event, so that queueing twice does no harm. Whoever asked for nothing costs nothing.
import { createHash } from 'node:crypto';
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Instant } from '@fairmeter/domain';
import { accountOfScope, environmentOf, isLedgerNotice, LEDGER_NOTICES } from '@fairmeter/domain';
import type { OutboxConsumer, OutboxEvents } from './outbox-consumer.js';
import { UNHURRIED } from './outbox-consumer.js';

type Webhooks = ActivitiesInUse['webhooks'];
type QueuedEvent = Parameters<Webhooks['queue']>[0][number];

export class QueueWebhooks implements OutboxConsumer {
  readonly reader = { name: 'queue-webhooks', follows: 'all_scopes' } as const;
  readonly pace = UNHURRIED;
  private asked: ReadonlyMap<string, Instant> = new Map();

  constructor(
    private readonly webhooks: Pick<Webhooks, 'asked' | 'queue'>,
    private readonly outbox: Pick<ActivitiesInUse['outbox'], 'scopesOf'>,
  ) {}

  async among(scopeIds: readonly string[] | null): Promise<readonly string[]> {
    this.asked = await this.webhooks.asked(null, LEDGER_NOTICES);
    if (this.asked.size === 0) return [];
    return this.outbox.scopesOf([...this.asked.keys()], scopeIds);
  }

  /** A visitor's scope may hold events of several accounts, as bots move: there nobody's are passed over. */
  since(scopeId: string): Instant | undefined {
    const accountId = accountOfScope(scopeId);
    const own = accountId === undefined ? undefined : this.asked.get(accountId);
    return own ?? this.earliest();
  }

  async handle(scopeId: string, events: OutboxEvents): Promise<void> {
    const queued = events.flatMap((event) => toQueued(scopeId, event));
    if (queued.length > 0) await this.webhooks.queue(queued);
  }

  private earliest(): Instant | undefined {
    return [...this.asked.values()].sort((one, other) => one - other)[0];
  }
}

function toQueued(scopeId: string, event: OutboxEvents[number]): QueuedEvent[] {
  const { accountId, type, at, payload } = event;
  if (!isLedgerNotice(type)) return [];
  const data = { account_id: accountId, environment: environmentOf(scopeId), ...visitorOf(scopeId), ...payload };
  return [{ accountId, type, at, eventId: eventId(scopeId, event.seq), data: data }];
}

/** Whose credits they were, where that is a visitor of a bot. */
function visitorOf(scopeId: string): { readonly bot_id?: string; readonly visitor_id?: string } {
  const [kind, botId, visitorId] = scopeId.split('/');
  if (kind !== 'end_user' || botId === undefined || visitorId === undefined) return {};
  return { bot_id: botId, visitor_id: visitorId };
}

/** By scope and number an event is named for good; who the scope belongs to is nobody's business outside. */
function eventId(scopeId: string, seq: bigint): string {
  return `evt_${createHash('sha256').update(`${scopeId}/${seq}`).digest('hex').slice(0, 32)}`;
}
