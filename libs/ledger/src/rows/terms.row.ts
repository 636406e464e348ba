// Ledger room. Append-only terms of a scope: zone, daily allowance, limits.
import type { Instant } from '@fairmeter/domain';
import { intColumn, momentColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'terms' })
export class TermsRow {
  @PrimaryColumn(textColumn('scope_id'))
  readonly scopeId!: string;

  @PrimaryColumn(intColumn('number'))
  readonly number!: number;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(momentColumn('effective_at'))
  readonly effectiveAt!: Instant;

  @Column({ name: 'body', type: 'jsonb' })
  readonly body!: Readonly<Record<string, unknown>>;

  @Column(textColumn('operation_key'))
  readonly operationKey!: string;
}
