// Ledger room. An operation that was applied, once, with its answer; kept for good.
import type { Instant } from '@fairmeter/domain';
import { momentColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'operations' })
export class OperationRow {
  @PrimaryColumn(textColumn('key'))
  readonly key!: string;

  @Column(textColumn('scope_id'))
  readonly scopeId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('verb'))
  readonly verb!: string;

  @Column(textColumn('body_hash'))
  readonly bodyHash!: string;

  @Column({ name: 'body', type: 'jsonb', default: {} })
  readonly body!: Readonly<Record<string, unknown>>;

  @Column({ name: 'result', type: 'jsonb' })
  readonly result!: Readonly<Record<string, unknown>>;

  @Column(momentColumn('effective_at'))
  readonly effectiveAt!: Instant;
}
