// Ledger room. What was used and is held under one limit in one of its periods.
import type { CounterKind, CounterPeriod, Instant, MicroCredits } from '@fairmeter/domain';
import { momentColumn, moneyColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'counters' })
export class CounterRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('scope_id'))
  readonly scopeId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('kind'))
  readonly kind!: CounterKind;

  @Column(textColumn('subject'))
  readonly subject!: string;

  @Column(textColumn('period'))
  readonly period!: CounterPeriod;

  @Column(momentColumn('period_start'))
  readonly periodStart!: Instant;

  @Column(moneyColumn('used'))
  readonly used!: MicroCredits;

  @Column(moneyColumn('held'))
  readonly held!: MicroCredits;
}
