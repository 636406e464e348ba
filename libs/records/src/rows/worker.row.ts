// Records room. Which workers live: readiness asks for one that was seen lately.
import type { Instant } from '@fairmeter/domain';
import { intColumn, momentColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'workers' })
export class WorkerRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('version'))
  readonly version!: string;

  @Column(momentColumn('started_at'))
  readonly startedAt!: Instant;

  @Column(momentColumn('seen_at'))
  readonly seenAt!: Instant;

  /** What it counts of itself. */
  @Column({ name: 'signs', type: 'jsonb', default: {} })
  readonly signs!: Readonly<Record<string, unknown>>;

  @Column(nullable(intColumn('clock_ahead_ms')))
  readonly clockAheadMs!: number | null;
}
