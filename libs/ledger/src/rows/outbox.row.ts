// Ledger room. What happened in a scope, numbered without gaps in commit order.
import type { Instant } from '@fairmeter/domain';
import { momentColumn, nullable, sequenceColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'outbox' })
export class OutboxRow {
  @PrimaryColumn(textColumn('scope_id'))
  readonly scopeId!: string;

  @PrimaryColumn(sequenceColumn('scope_seq'))
  readonly scopeSeq!: bigint;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(nullable(textColumn('job_id')))
  readonly jobId!: string | null;

  @Column(textColumn('type'))
  readonly type!: string;

  @Column({ name: 'payload', type: 'jsonb' })
  readonly payload!: Readonly<Record<string, unknown>>;

  @Column(momentColumn('effective_at'))
  readonly effectiveAt!: Instant;
}
