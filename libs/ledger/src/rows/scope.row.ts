// Ledger room. One payer: its counters of entries and events, and the time it has reached.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { momentColumn, moneyColumn, sequenceColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'scopes' })
export class ScopeRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(sequenceColumn('entry_seq'))
  readonly entrySeq!: bigint;

  @Column(sequenceColumn('outbox_seq'))
  readonly outboxSeq!: bigint;

  @Column(momentColumn('last_effective_at'))
  readonly lastEffectiveAt!: Instant;

  @Column({ ...moneyColumn('debt'), default: 0 })
  readonly debt!: MicroCredits;
}
