// API room. Webhooks of an account: made, changed, ended, tried out and asked for once more. Sending is the worker's;
// of a secret this room keeps the sealed form alone.
import { randomBytes } from 'node:crypto';
import { WEBHOOK_DELIVERY_WORKFLOW, tryWebhookSignal, webhookDeliveryWorkflowId } from '@fairmeter/contracts';
import type { JsonValue } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { ApiConfig, Clock, Logger } from '@fairmeter/platform';
import { seal, sealingKeyOf } from '@fairmeter/platform';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { Redelivery, WebhookDelivery, WebhookEndpoint } from '@fairmeter/records';
import {
  addWebhook,
  addWebhookSecret,
  announce,
  changeWebhook,
  deleteWebhook,
  findWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import type { Asked, Changing } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { AdmissionClient } from '../jobs/admission-client.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import type { PageOf } from '../requests/newest-first.js';
import { cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import { API_CLOCK, API_CONFIG, API_LOGGER } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { ChangeWebhookBody, MadeWebhookBody, NewWebhookBody, WebhookBody } from './webhook-body.js';
import { toWebhookBody } from './webhook-body.js';

export const MAX_WEBHOOKS = 10;
const SECRET_BYTES = 32;

export interface MakingWebhook extends Asked {
  readonly idempotencyKey: Uint8Array;
}

type Shown = Omit<MadeWebhookBody, 'replayed'>;

@Injectable()
export class WebhookDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  async list(caller: Caller): Promise<readonly WebhookEndpoint[]> {
    return this.database.asTenant(tenantOf(caller), async (tx) => listWebhooks(tx, caller.accountId));
  }

  async make(asked: MakingWebhook, body: NewWebhookBody): Promise<MadeWebhookBody> {
    this.admitUrl(body.url);
    const once = { place: 'webhooks', idempotencyKey: asked.idempotencyKey, body };
    const { answer, replayed } = await this.changes.makeOnce<Shown>(asked, once, async (changing) => {
      const { tx, caller } = changing;
      if ((await listWebhooks(tx, caller.accountId)).length >= MAX_WEBHOOKS) {
        throw new ProblemError('too_many_webhooks', `An account has at most ${MAX_WEBHOOKS} webhooks.`);
      }
      const id = newId('whk');
      const { url, description, event_types: eventTypes } = body;
      await addWebhook(tx, { id, accountId: caller.accountId, url, description, eventTypes });
      const secret = await this.issueSecret(changing, id, null);
      const made = await found(changing, id);
      await note(changing, { action: 'webhook.made', targetId: id, before: null, after: this.audited(made) });
      const shown = toWebhookBody(made);
      return { answer: { ...shown, secret }, kept: { ...shown, secret: null } };
    });
    return { ...answer, replayed };
  }

  async change(asked: Asked, id: string, body: ChangeWebhookBody): Promise<WebhookBody> {
    if (body.url !== undefined) this.admitUrl(body.url);
    const changed = await this.changes.make(asked, async (changing) => {
      const before = await found(changing, id);
      const wish = {
        url: body.url ?? before.url,
        description: body.description ?? before.description,
        eventTypes: body.event_types ?? before.eventTypes,
        isEnabled: body.enabled ?? before.disabled === null,
      };
      await changeWebhook(changing.tx, changing.caller.accountId, { before, after: wish });
      const after = await found(changing, id);
      await note(changing, {
        action: 'webhook.changed',
        targetId: id,
        before: this.audited(before),
        after: this.audited(after),
      });
      return after;
    });
    // What was wrong there may be mended.
    await this.haveTried(changed);
    return toWebhookBody(changed);
  }

  async delete(asked: Asked, id: string): Promise<WebhookBody> {
    return this.changes.make(ending(asked), async (changing) => {
      const before = await found(changing, id);
      await deleteWebhook(changing.tx, id);
      await note(changing, { action: 'webhook.deleted', targetId: id, before: this.audited(before), after: null });
      return toWebhookBody(before);
    });
  }

  async rotate(asked: MakingWebhook, id: string, overlapSeconds: number): Promise<MadeWebhookBody> {
    const body = { overlap_seconds: overlapSeconds };
    const once = { place: `webhooks/${id}/rotate`, idempotencyKey: asked.idempotencyKey, body };
    const { answer, replayed } = await this.changes.makeOnce<Shown>(asked, once, async (changing) => {
      const endpoint = await found(changing, id);
      const secret = await this.issueSecret(changing, id, overlapSeconds * 1_000);
      await note(changing, { action: 'webhook.secret_rotated', targetId: id, before: null, after: body });
      const shown = toWebhookBody(endpoint);
      return { answer: { ...shown, secret }, kept: { ...shown, secret: null } };
    });
    return { ...answer, replayed };
  }

  /** A message to this endpoint alone, signed and tried as every other. */
  async test(asked: Asked, id: string): Promise<void> {
    await this.changes.make(asked, async (changing) => {
      const { tx, caller } = changing;
      admitEnabled(await found(changing, id));
      const facts = { webhook_id: id };
      await announce(tx, { accountId: caller.accountId, visitor: null, type: 'webhook.test', about: id, facts });
    });
  }

  async redeliver(asked: Asked, id: string, wish: Redelivery): Promise<number> {
    const { events, endpoint } = await this.changes.make(asked, async (changing) => {
      const endpoint = await found(changing, id);
      admitEnabled(endpoint);
      const events = await redeliver(changing.tx, id, wish);
      await note(changing, { action: 'webhook.redelivered', targetId: id, before: null, after: { events } });
      return { events, endpoint };
    });
    await this.haveTried(endpoint);
    return events;
  }

  async deliveries(caller: Caller, id: string, query: z.output<typeof pageQuery>): Promise<PageOf<WebhookDelivery>> {
    const list = `webhook-deliveries/${id}`;
    const before = query.cursor === undefined ? null : cursorNumber(readCursor(list, query.cursor)[0]);
    const limit = pageSize(query.limit);
    const all = await this.database.asTenant(tenantOf(caller), async (tx) => {
      if ((await findWebhook(tx, caller.accountId, id)) === null) throw notFound();
      return listDeliveries(tx, { endpointId: id, before, limit: limit + 1 });
    });
    const rows = all.slice(0, limit);
    const last = rows.at(-1);
    const hasMore = all.length > limit && last !== undefined;
    return { rows, nextCursor: hasMore ? writeCursor(list, [last.seq.toString()]) : null };
  }

  private async issueSecret(changing: Changing, endpointId: string, overlapMs: number | null): Promise<string> {
    const { sealingSecret } = this.config.webhooks;
    if (sealingSecret === undefined) {
      throw new ProblemError('webhooks_off', 'Whoever runs this platform has not set it up to sign webhooks.');
    }
    const id = newId('whs');
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    const sealed = seal(sealingKeyOf(sealingSecret), id, secret);
    const { accountId } = changing.caller;
    const othersEndAt = overlapMs === null ? null : instant(changing.now + overlapMs);
    await addWebhookSecret(changing.tx, { id, endpointId, accountId, sealed }, othersEndAt);
    return secret;
  }

  /** A path may hold a secret, and a description is somebody's words: told is that they changed, not what they are. */
  private audited({ url, description, eventTypes, disabled }: WebhookEndpoint): Record<string, JsonValue> {
    return {
      origin: new URL(url).origin,
      url_hash: hiddenOf(this.config, 'place', url),
      description_hash: description === '' ? null : hiddenOf(this.config, 'description', description),
      event_types: [...eventTypes],
      disabled_reason: disabled?.reason ?? null,
    };
  }

  /** Plain text goes to networks that were named, and to no others: where there are none it need not be tried. */
  private admitUrl(url: string): void {
    if (new URL(url).protocol === 'https:' || this.config.webhooks.allowedNetworks.length > 0) return;
    throw validationFailed([{ pointer: '/url', message: 'must be https' }]);
  }

  /** Where nobody tries just now there is nobody to tell: the worker finds what waits by itself. */
  private async haveTried({ id, failingSince }: WebhookEndpoint): Promise<void> {
    if (failingSince === null) return;
    try {
      await this.temporal.signalOrStart(tryWebhookSignal, {
        workflow: WEBHOOK_DELIVERY_WORKFLOW,
        workflowId: webhookDeliveryWorkflowId(id),
        input: { endpointId: id },
        deadline: this.clock.now() + this.config.admitDeadlineMs,
      });
    } catch (error) {
      this.logger.warn({ webhookId: id, err: error }, 'nobody could be told to try a webhook again');
    }
  }
}

async function found({ tx, caller }: Changing, id: string): Promise<WebhookEndpoint> {
  const endpoint = await findWebhook(tx, caller.accountId, id);
  if (endpoint === null) throw notFound();
  return endpoint;
}

function notFound(): ProblemError {
  return new ProblemError('webhook_not_found', 'There is no such webhook in this account.');
}

function admitEnabled({ disabled }: WebhookEndpoint): void {
  if (disabled === null) return;
  throw new ProblemError('webhook_disabled', 'This webhook is disabled: enable it first.', {
    members: { disabled_reason: disabled.reason },
  });
}
