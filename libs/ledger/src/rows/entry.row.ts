// Ledger room. One movement between two accounts of the double entry; never changed.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import {
  intColumn,
  momentColumn,
  moneyColumn,
  nullable,
  sequenceColumn,
  textColumn,
} from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'entries' })
export class EntryRow {
  @PrimaryColumn(textColumn('scope_id'))
  readonly scopeId!: string;

  @PrimaryColumn(sequenceColumn('scope_seq'))
  readonly scopeSeq!: bigint;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('operation_key'))
  readonly operationKey!: string;

  @Column(textColumn('from_account'))
  readonly fromAccount!: string;

  @Column(textColumn('to_account'))
  readonly toAccount!: string;

  @Column(moneyColumn('amount'))
  readonly amount!: MicroCredits;

  @Column(nullable(textColumn('lot_id')))
  readonly lotId!: string | null;

  @Column(nullable(moneyColumn('lot_open_after')))
  readonly lotOpenAfter!: MicroCredits | null;

  @Column(nullable(moneyColumn('lot_held_after')))
  readonly lotHeldAfter!: MicroCredits | null;

  @Column(nullable(textColumn('job_id')))
  readonly jobId!: string | null;

  @Column(nullable(intColumn('step_ordinal')))
  readonly stepOrdinal!: number | null;

  @Column(momentColumn('effective_at'))
  readonly effectiveAt!: Instant;
}
