// Records room. Which workers live: readiness asks for one that was seen lately.
import type { Instant } from '@fairmeter/domain';
import { momentColumn, textColumn } from '@fairmeter/platform/database';
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
}
