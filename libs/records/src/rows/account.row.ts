// Records room. The owner's billing unit and the plan that limits it.
import type { Instant } from '@fairmeter/domain';
import { intColumn, momentColumn, textColumn } from '@fairmeter/platform/database';
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
}

@Entity({ schema: 'records', name: 'accounts' })
export class AccountRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('name'))
  readonly name!: string;

  @Column(textColumn('status'))
  readonly status!: 'active' | 'past_due' | 'suspended' | 'closed';

  @Column(textColumn('time_zone'))
  readonly timeZone!: string;

  @Column(textColumn('plan_id'))
  readonly planId!: string;

  @Column({ ...momentColumn('created_at'), default: () => 'clock_timestamp()' })
  readonly createdAt!: Instant;
}
