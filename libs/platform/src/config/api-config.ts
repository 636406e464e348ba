// Platform room. The API's settings: parsed once from the environment, frozen, complete.
import { z } from 'zod';
import { freezeDeep } from './describe-config.js';
import type { InboundMailSettings } from './inbound-mail-settings.js';
import { inboundMailSettings, inboundMailShape } from './inbound-mail-settings.js';
import type { IssuerSettings } from './issuer-settings.js';
import { issuerList } from './issuer-settings.js';
import type { Environment } from './settings.js';
import { flag, httpUrl, parseSettings, port, postgresUrl, text, wholeNumber } from './settings.js';
import type { SharedConfig } from './shared-settings.js';
import { sharedConfig, sharedShape } from './shared-settings.js';
import type { TrustedProxies, VisitorSettings } from './visitor-settings.js';
import { trustedProxies, visitorSettings, visitorShape } from './visitor-settings.js';
import type { WebhookSettings } from './webhook-settings.js';
import { webhookSettings, webhookShape } from './webhook-settings.js';

const schema = z.object({
  ...sharedShape,
  API_HOST: text.default('127.0.0.1'),
  API_PORT: port.default(0),
  API_PORT_FILE: text.optional(),
  API_PUBLIC_URL: httpUrl.optional(),
  DATABASE_READER_URL: postgresUrl,
  BODY_LIMIT_BYTES: wholeNumber(1_024, 64 * 1_048_576).default(1_048_576),
  INPUT_LIMIT_BYTES: wholeNumber(1_024, 10 * 1_048_576).default(10 * 1_048_576),
  ADMIT_WITHIN_MS: wholeNumber(100, 600_000).default(10_000),
  ADMIT_DEADLINE_MS: wholeNumber(50, 600_000).default(5_000),
  QUOTE_VALID_MS: wholeNumber(1_000, 86_400_000).default(900_000),
  USAGE_WITHIN_MS: wholeNumber(50, 600_000).default(10_000),
  KEY_USE_EVERY_MS: wholeNumber(50, 600_000).default(15_000),
  WORKER_SEEN_WITHIN_MS: wholeNumber(100, 3_600_000).default(30_000),
  STRIPE_WEBHOOK_SECRET: text.optional(),
  ...inboundMailShape,
  FAIR_QUEUES: flag.default(true),
  TRUST_PROXY: trustedProxies.default(false),
  ...visitorShape,
  ...webhookShape,
  OIDC_ISSUERS: issuerList.optional(),
  SESSION_MS: wholeNumber(1_000, 30 * 86_400_000).default(43_200_000),
  STAFF_SESSION_MS: wholeNumber(1_000, 43_200_000).default(3_600_000),
  INVITATION_MS: wholeNumber(1_000, 90 * 86_400_000).default(7 * 86_400_000),
});

export interface ApiConfig extends SharedConfig {
  readonly host: string;
  readonly port: number;
  readonly portFile: string | undefined;
  /** How the outside reaches this API; without it, links and problem types are relative. */
  readonly publicUrl: string | undefined;
  readonly databaseUrl: string;
  readonly databasePoolMax: number;
  readonly bodyLimitBytes: number;
  /** Of prompt and files of one job together; bodies of that route alone may be as large as it takes. */
  readonly inputLimitBytes: number;
  /** How long a submit may wait until nothing may be held for it any more. */
  readonly admitWithinMs: number;
  /** How long the client of a submit waits for the answer. */
  readonly admitDeadlineMs: number;
  /** How long a quote holds. */
  readonly quoteValidMs: number;
  /** How long the database may count for one answer about usage, each statement. */
  readonly usageWithinMs: number;
  /** How often it is written when each key was last used. */
  readonly keyUseEveryMs: number;
  readonly workerSeenWithinMs: number;
  /** What Stripe signs its messages with; without it none is heard. */
  readonly stripeWebhookSecret: string | undefined;
  /** Without them no mail is heard. */
  readonly inboundMail: InboundMailSettings | undefined;
  /** Whether each payer's work waits in a line of its own; off, all of it waits in one. */
  readonly fairQueues: boolean;
  /** Whose word is taken for where a request comes from; unless set, nobody's. */
  readonly trustProxy: TrustedProxies;
  readonly visitors: VisitorSettings;
  readonly webhooks: WebhookSettings;
  /** Without one nobody signs in: keys alone open the API. */
  readonly issuers: readonly IssuerSettings[];
  /** How long a session of the page lasts. */
  readonly sessionMs: number;
  /** And one of the staff: after it the issuer is asked again whether somebody still is. */
  readonly staffSessionMs: number;
  /** How long somebody may think about an invitation. */
  readonly invitationMs: number;
}

export function parseApiConfig(env: Environment): ApiConfig {
  const settings = parseSettings(schema, env);
  return freezeDeep({
    ...sharedConfig(settings),
    host: settings.API_HOST,
    port: settings.API_PORT,
    portFile: settings.API_PORT_FILE,
    publicUrl: settings.API_PUBLIC_URL?.replace(/\/+$/, ''),
    databaseUrl: settings.DATABASE_READER_URL,
    databasePoolMax: settings.DATABASE_POOL_MAX,
    bodyLimitBytes: settings.BODY_LIMIT_BYTES,
    inputLimitBytes: settings.INPUT_LIMIT_BYTES,
    admitWithinMs: settings.ADMIT_WITHIN_MS,
    admitDeadlineMs: settings.ADMIT_DEADLINE_MS,
    quoteValidMs: settings.QUOTE_VALID_MS,
    usageWithinMs: settings.USAGE_WITHIN_MS,
    keyUseEveryMs: settings.KEY_USE_EVERY_MS,
    workerSeenWithinMs: settings.WORKER_SEEN_WITHIN_MS,
    stripeWebhookSecret: settings.STRIPE_WEBHOOK_SECRET,
    inboundMail: inboundMailSettings(settings),
    fairQueues: settings.FAIR_QUEUES,
    trustProxy: settings.TRUST_PROXY,
    visitors: visitorSettings(settings, settings.OIDC_ISSUERS !== undefined),
    webhooks: webhookSettings(settings),
    issuers: settings.OIDC_ISSUERS ?? [],
    sessionMs: settings.SESSION_MS,
    staffSessionMs: settings.STAFF_SESSION_MS,
    invitationMs: settings.INVITATION_MS,
  });
}
