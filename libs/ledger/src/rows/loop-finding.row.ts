// Ledger room. A loop as it was found, and what came of it.
import type { Instant, LoopAction, LoopCause, LoopFinding, LoopSignal, MicroCredits } from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'loop_findings' })
export class LoopFindingRow {
  @PrimaryColumn(textColumn('job_id'))
  readonly jobId!: string;

  @PrimaryColumn(intColumn('number'))
  readonly number!: number;

  @Column(textColumn('scope_id'))
  readonly scopeId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('signal'))
  readonly signal!: LoopSignal;

  @Column(textColumn('cause'))
  readonly cause!: LoopCause;

  @Column(textColumn('action'))
  readonly action!: LoopAction;

  @Column(intColumn('found_at_step'))
  readonly foundAtStep!: number;

  @Column(moneyColumn('amount'))
  readonly amount!: MicroCredits;

  @Column({ name: 'evidence', type: 'jsonb' })
  readonly evidence!: LoopFinding;

  @Column(momentColumn('found_at'))
  readonly foundAt!: Instant;
}
