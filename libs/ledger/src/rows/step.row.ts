// Ledger room. A step as it stands.
import type {
  ChargeClass,
  Instant,
  MicroCredits,
  Share,
  Stage,
  StageVerdict,
  StepKind,
  StepReport,
} from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { sharesColumn } from './shares-column.js';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'steps' })
export class StepRow {
  @PrimaryColumn(textColumn('job_id'))
  readonly jobId!: string;

  @PrimaryColumn(intColumn('ordinal'))
  readonly ordinal!: number;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(intColumn('iteration'))
  readonly iteration!: number;

  @Column(textColumn('kind'))
  readonly kind!: StepKind;

  @Column(textColumn('stage'))
  readonly stage!: Stage;

  @Column(nullable(textColumn('model')))
  readonly model!: string | null;

  @Column(nullable(textColumn('tool')))
  readonly tool!: string | null;

  @Column(textColumn('state'))
  readonly state!: 'running' | 'ended' | 'abandoned';

  @Column(nullable(textColumn('charge_class')))
  readonly chargeClass!: ChargeClass | null;

  @Column(moneyColumn('charge'))
  readonly charge!: MicroCredits;

  @Column(sharesColumn('paid_from'))
  readonly paidFrom!: readonly Share[];

  @Column(moneyColumn('written_off'))
  readonly writtenOff!: MicroCredits;

  @Column(nullable(textColumn('verdict')))
  readonly verdict!: StageVerdict | null;

  @Column({ name: 'report', type: 'jsonb' })
  readonly report!: StepReport;

  @Column(nullable(textColumn('result_ref')))
  readonly resultRef!: string | null;

  @Column(intColumn('result_bytes'))
  readonly resultBytes!: number;

  @Column(momentColumn('started_at'))
  readonly startedAt!: Instant;

  @Column(nullable(momentColumn('ended_at')))
  readonly endedAt!: Instant | null;
}
