// Ledger room. A dated parcel of credits with its present figures; the entries are its truth.
import type { Instant, LotKind, MicroCredits } from '@fairmeter/domain';
import { momentColumn, moneyColumn, nullable, sequenceColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'lots' })
export class LotRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('scope_id'))
  readonly scopeId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('kind'))
  readonly kind!: LotKind;

  @Column(moneyColumn('granted'))
  readonly granted!: MicroCredits;

  @Column(moneyColumn('open'))
  readonly open!: MicroCredits;

  @Column(moneyColumn('held'))
  readonly held!: MicroCredits;

  @Column(momentColumn('valid_from'))
  readonly validFrom!: Instant;

  @Column(nullable(momentColumn('expires_at')))
  readonly expiresAt!: Instant | null;

  @Column(textColumn('source_ref'))
  readonly sourceRef!: string;

  @Column(sequenceColumn('opened_seq'))
  readonly openedSeq!: bigint;

  @Column({ name: 'clawed_back', type: 'boolean', default: false })
  readonly clawedBack!: boolean;

  /** What of it ended unused: a chargeback owes what was spent alone. */
  @Column({ ...moneyColumn('lapsed'), default: 0 })
  readonly lapsed!: MicroCredits;

  @Column(nullable(momentColumn('granted_until')))
  readonly grantedUntil!: Instant | null;

  @Column(nullable(momentColumn('period_start')))
  readonly periodStart!: Instant | null;

  /** Something is open or held: the one bit of the figures that an index knows. */
  @Column({ name: 'alive', type: 'boolean' })
  readonly alive!: boolean;
}
