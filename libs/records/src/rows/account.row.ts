// Records room. The owner's billing unit and the plan that limits it.
import type {
  AccountStatus,
  Instant,
  LoopPolicy,
  MicroCredits,
  ModelTier,
  PlanFeature,
  PlanScope,
} from '@fairmeter/domain';
import { countColumn, intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'plans' })
export class PlanRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @PrimaryColumn(intColumn('version'))
  readonly version!: number;

  @Column(textColumn('name'))
  readonly name!: string;

  @Column(momentColumn('effective_from'))
  readonly effectiveFrom!: Instant;

  @Column(textColumn('scope'))
  readonly scope!: PlanScope;

  @Column(intColumn('tier'))
  readonly tier!: number;

  @Column({ name: 'custom', type: 'boolean' })
  readonly custom!: boolean;

  @Column(moneyColumn('period_allowance'))
  readonly periodAllowance!: MicroCredits;

  @Column(moneyColumn('daily_allowance'))
  readonly dailyAllowance!: MicroCredits;

  /** Both as `periodText` writes them. */
  @Column(textColumn('credit_period'))
  readonly creditPeriod!: string;

  @Column(nullable(textColumn('billing_period')))
  readonly billingPeriod!: string | null;

  @Column(nullable(moneyColumn('price_minor')))
  readonly priceMinor!: bigint | null;

  @Column(nullable(textColumn('currency')))
  readonly currency!: string | null;

  @Column(intColumn('team_seats'))
  readonly teamSeats!: number;

  @Column({ name: 'features', type: 'text', array: true })
  readonly features!: readonly PlanFeature[];

  @Column(intColumn('max_iterations'))
  readonly maxIterations!: number;

  @Column(intColumn('max_concurrent_jobs'))
  readonly maxConcurrentJobs!: number;

  @Column(intColumn('max_context_tokens'))
  readonly maxContextTokens!: number;

  @Column(moneyColumn('max_credits'))
  readonly maxCredits!: MicroCredits;

  @Column(countColumn('max_deadline_ms'))
  readonly maxDeadlineMs!: number;

  @Column({ name: 'model_tiers', type: 'text', array: true })
  readonly modelTiers!: readonly ModelTier[];

  @Column({ name: 'model_names', type: 'text', array: true })
  readonly modelNames!: readonly string[];

  @Column({ name: 'artefacts_allowed', type: 'boolean' })
  readonly artefactsAllowed!: boolean;

  @Column(intColumn('artefact_max_files'))
  readonly artefactMaxFiles!: number;

  @Column(countColumn('artefact_max_bytes'))
  readonly artefactMaxBytes!: number;

  /** What it changes of the loop rules; nothing where it is empty. */
  @Column({ name: 'loops', type: 'jsonb' })
  readonly loops!: Partial<LoopPolicy>;

  /** With whom it was agreed; null of what is published for everybody. */
  @Column(nullable(textColumn('account_id')))
  readonly accountId!: string | null;

  /** Of the reviewed file it was published from; null in rows of before there were such files. */
  @Column(nullable(textColumn('body_sha256')))
  readonly bodySha256!: string | null;
}

/** Whether the workflow of its subscription was started; `none` of accounts that nobody signed up for. */
export type SubscriptionStart = 'none' | 'awaited' | 'begun';

@Entity({ schema: 'records', name: 'accounts' })
export class AccountRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('name'))
  readonly name!: string;

  @Column(textColumn('status'))
  readonly status!: AccountStatus;

  @Column(textColumn('time_zone'))
  readonly timeZone!: string;

  @Column(textColumn('plan_id'))
  readonly planId!: string;

  @Column({ ...intColumn('plan_version'), default: 1 })
  readonly planVersion!: number;

  @Column({ ...textColumn('subscription'), default: 'none' })
  readonly subscription!: SubscriptionStart;

  @Column({ ...momentColumn('created_at'), default: () => 'clock_timestamp()' })
  readonly createdAt!: Instant;
}
