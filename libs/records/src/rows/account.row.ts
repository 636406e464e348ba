// Records room. The owner's billing unit and the plan that limits it.
import type { AccountStatus, Instant, LoopPolicy, MicroCredits, ModelTier } from '@fairmeter/domain';
import { countColumn, intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'plans' })
export class PlanRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('name'))
  readonly name!: string;

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

  /** Of the reviewed file it was published from; null in rows of before there were such files. */
  @Column(nullable(textColumn('body_sha256')))
  readonly bodySha256!: string | null;
}

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

  @Column({ ...momentColumn('created_at'), default: () => 'clock_timestamp()' })
  readonly createdAt!: Instant;
}
