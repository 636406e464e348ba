// Platform room. The worker's settings: parsed once from the environment, frozen, complete.
import { z } from 'zod';
import { freezeDeep } from './describe-config.js';
import type { GrantSettings } from './grant-settings.js';
import { grantSettings, grantShape } from './grant-settings.js';
import type { LoopSettings } from './loop-settings.js';
import { loopSettings, loopShape } from './loop-settings.js';
import type { ReviewSettings } from './review-settings.js';
import { reviewSettings, reviewShape } from './review-settings.js';
import type { ReconcileSettings } from './reconcile-settings.js';
import { reconcileSettings, reconcileShape } from './reconcile-settings.js';
import type { Environment } from './settings.js';
import { ConfigError, httpUrl, parseSettings, port, postgresUrl, text, wholeNumber } from './settings.js';
import type { SharedConfig } from './shared-settings.js';
import { sharedConfig, sharedShape } from './shared-settings.js';
import type { MailSettings, WebhookSettings } from './webhook-settings.js';
import { mailSettings, mailShape, webhookSettings, webhookShape } from './webhook-settings.js';

const schema = z.object({
  ...sharedShape,
  DATABASE_WRITER_URL: postgresUrl,
  WORKER_METRICS_HOST: text.default('127.0.0.1'),
  WORKER_METRICS_PORT: port.default(0),
  STEP_SLOTS: wholeNumber(1, 10_000).default(100),
  JOB_SLOTS: wholeNumber(1, 10_000).default(100),
  STEPS_BEGIN_AT_ONCE: wholeNumber(1, 10_000).optional(),
  WAIT_FOR_CREDITS_MS: wholeNumber(1_000, 30 * 86_400_000).default(86_400_000),
  REPORTED_IDLE_MS: wholeNumber(1_000, 30 * 86_400_000).default(1_800_000),
  REPORTED_STEP_MS: wholeNumber(1_000, 3_600_000).default(900_000),
  ...loopShape,
  ...grantShape,
  ...reviewShape,
  ...reconcileShape,
  ...webhookShape,
  ...mailShape,
  MODEL_SCRIPT_FILE: text.optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  OPENAI_API_KEY: text.optional(),
  ANTHROPIC_BASE_URL: httpUrl.optional(),
  ANTHROPIC_API_KEY: text.optional(),
  PAYMENTS: z.enum(['none', 'demo']).default('none'),
  STRIPE_API_KEY: text.optional(),
  STRIPE_BASE_URL: httpUrl.optional(),
  STRIPE_RETURN_URL: httpUrl.optional(),
});

export interface ProviderSettings {
  readonly baseUrl: string | undefined;
  readonly apiKey: string;
}

export interface StripeSettings {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  /** Where a buyer comes back to. */
  readonly returnUrl: string;
}

export interface WorkerConfig extends SharedConfig {
  readonly databaseUrl: string;
  readonly databasePoolMax: number;
  readonly metrics: { readonly host: string; readonly port: number };
  readonly stepSlots: number;
  readonly jobSlots: number;
  /** Steps on their way from their slot to their work; unless set, as many as the machine has processors. */
  readonly stepsBeginAtOnce: number | undefined;
  /** How long a job that lacks credits waits for some, from the moment it pauses. */
  readonly waitForCreditsMs: number;
  /** How long a reported job may hear nothing of its bot before it ends with what it has. */
  readonly reportedIdleMs: number;
  /** How long a step of a reported job may be open before it is let go. */
  readonly reportedStepMs: number;
  readonly loops: LoopSettings;
  readonly grants: GrantSettings;
  readonly reviews: ReviewSettings;
  readonly reconcile: ReconcileSettings;
  readonly webhooks: WebhookSettings & { readonly withinMs: number };
  /** Without it no mail leaves. */
  readonly mail: MailSettings | undefined;
  /** Where the scripted provider reads its answers; without it only real providers answer. */
  readonly modelScriptFile: string | undefined;
  /** A provider without a key is not there. */
  readonly openai: ProviderSettings | undefined;
  readonly anthropic: ProviderSettings | undefined;
  /** Who takes payments where Stripe does not: nobody, or the demo, where all is paid at once and no money moves. */
  readonly payments: 'none' | 'demo';
  /** Who takes the money. */
  readonly stripe: StripeSettings | undefined;
}

export function parseWorkerConfig(env: Environment): WorkerConfig {
  const settings = parseSettings(schema, env);
  return freezeDeep({
    ...sharedConfig(settings),
    databaseUrl: settings.DATABASE_WRITER_URL,
    databasePoolMax: settings.DATABASE_POOL_MAX,
    metrics: { host: settings.WORKER_METRICS_HOST, port: settings.WORKER_METRICS_PORT },
    stepSlots: settings.STEP_SLOTS,
    jobSlots: settings.JOB_SLOTS,
    stepsBeginAtOnce: settings.STEPS_BEGIN_AT_ONCE,
    waitForCreditsMs: settings.WAIT_FOR_CREDITS_MS,
    reportedIdleMs: settings.REPORTED_IDLE_MS,
    reportedStepMs: settings.REPORTED_STEP_MS,
    loops: loopSettings(settings),
    grants: grantSettings(settings),
    reviews: reviewSettings(settings),
    reconcile: reconcileSettings(settings),
    webhooks: { ...webhookSettings(settings), withinMs: settings.WEBHOOK_WITHIN_MS },
    mail: mailSettings(settings),
    modelScriptFile: settings.MODEL_SCRIPT_FILE,
    openai: provider(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL),
    anthropic: provider(settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL),
    payments: settings.PAYMENTS,
    stripe: stripeSettings(settings),
  });
}

function provider(apiKey: string | undefined, baseUrl: string | undefined): ProviderSettings | undefined {
  return apiKey === undefined ? undefined : { apiKey, baseUrl };
}

function stripeSettings(settings: z.output<typeof schema>): StripeSettings | undefined {
  const { STRIPE_API_KEY: apiKey, STRIPE_BASE_URL: baseUrl, STRIPE_RETURN_URL: returnUrl } = settings;
  if (apiKey === undefined) return undefined;
  if (returnUrl === undefined) throw new ConfigError(['STRIPE_RETURN_URL must be set with STRIPE_API_KEY']);
  return { apiKey, baseUrl, returnUrl };
}
