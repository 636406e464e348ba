// Ledger room. One payer: its counters of entries and events, and the time it has reached.
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

  @Column({ ...intColumn('terms_rows'), default: 0 })
  readonly termsRows!: number;

  @Column({ ...intColumn('limit_rows'), default: 0 })
  readonly limitRows!: number;

  @Column({ ...intColumn('open_jobs'), default: 0 })
  readonly openJobs!: number;

  /** Of those, how many visitors asked for. */
  @Column({ ...intColumn('visitor_jobs'), default: 0 })
  readonly visitorJobs!: number;

  @Column(nullable(momentColumn('day_opened')))
  readonly dayOpened!: Instant | null;
}
