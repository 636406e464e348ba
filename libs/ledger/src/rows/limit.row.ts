// Ledger room. The append-only history of a scope's limits; the newest row of a name is in force.
import type { CounterKind, CounterPeriod, Instant, MicroCredits } from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'limits' })
export class LimitRow {
  @PrimaryColumn(textColumn('scope_id'))
  readonly scopeId!: string;

  @PrimaryColumn(intColumn('number'))
  readonly number!: number;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('kind'))
  readonly kind!: CounterKind;

  @Column(textColumn('subject'))
  readonly subject!: string;

  @Column(textColumn('period'))
  readonly period!: CounterPeriod;

  /** Null took the limit away. */
  @Column(nullable(moneyColumn('amount')))
  readonly amount!: MicroCredits | null;

  @Column(momentColumn('effective_at'))
  readonly effectiveAt!: Instant;

  @Column(textColumn('operation_key'))
  readonly operationKey!: string;
}
