// Records room. What a job was said to cost at most, for how long that holds, and by which card.
import type { Extras, Instant, MicroCredits, Program, RequestKind } from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'quotes' })
export class QuoteRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('bot_id'))
  readonly botId!: string;

  @Column(textColumn('asked_hash'))
  readonly askedHash!: string;

  /** The person who was given it; null for keys and visitors. */
  @Column(nullable(textColumn('asked_by')))
  readonly askedBy!: string | null;

  @Column(textColumn('request_kind'))
  readonly requestKind!: RequestKind;

  @Column(textColumn('model'))
  readonly model!: string;

  @Column(textColumn('program'))
  readonly program!: Program;

  @Column({ name: 'extras', type: 'jsonb' })
  readonly extras!: Extras;

  @Column(textColumn('rate_card_id'))
  readonly rateCardId!: string;

  @Column(intColumn('max_iterations'))
  readonly maxIterations!: number;

  @Column(nullable(momentColumn('deadline')))
  readonly deadline!: Instant | null;

  @Column(moneyColumn('min_charge'))
  readonly min!: MicroCredits;

  @Column(moneyColumn('expected_charge'))
  readonly expected!: MicroCredits;

  @Column(moneyColumn('max_charge'))
  readonly max!: MicroCredits;

  @Column(momentColumn('created_at'))
  readonly createdAt!: Instant;

  @Column(momentColumn('expires_at'))
  readonly expiresAt!: Instant;
}
