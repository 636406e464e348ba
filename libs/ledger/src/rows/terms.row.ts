// Ledger room. Append-only terms of a scope: zone and daily allowance.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, textColumn } from '@fairmeter/platform/database';
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

  @Column(textColumn('zone'))
  readonly zone!: string;

  @Column(moneyColumn('daily_allowance'))
  readonly dailyAllowance!: MicroCredits;

  @Column(momentColumn('reset_not_before'))
  readonly resetNotBefore!: Instant;

  @Column(momentColumn('next_reset_at'))
  readonly nextResetAt!: Instant;

  @Column(textColumn('operation_key'))
  readonly operationKey!: string;
}
