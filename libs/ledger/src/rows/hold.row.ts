// Ledger room. What a job has set aside.
import type { Funding, LimitRef, MicroCredits } from '@fairmeter/domain';
import { intColumn, moneyColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'holds' })
export class HoldRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('scope_id'))
  readonly scopeId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('job_id'))
  readonly jobId!: string;

  @Column(textColumn('state'))
  readonly state!: 'held' | 'settled' | 'released';

  @Column({ ...textColumn('funding'), default: 'owner' })
  readonly funding!: Funding;

  @Column({ name: 'public_may_use_bonus', type: 'boolean', default: false })
  readonly publicMayUseBonus!: boolean;

  @Column({ name: 'limit_refs', type: 'jsonb', default: [] })
  readonly limitRefs!: readonly LimitRef[];
}

@Entity({ schema: 'ledger', name: 'hold_lines' })
export class HoldLineRow {
  @PrimaryColumn(textColumn('hold_id'))
  readonly holdId!: string;

  @PrimaryColumn(intColumn('line_no'))
  readonly lineNo!: number;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('lot_id'))
  readonly lotId!: string;

  @Column(moneyColumn('held'))
  readonly held!: MicroCredits;

  @Column(moneyColumn('captured'))
  readonly captured!: MicroCredits;

  @Column({ ...moneyColumn('reversed'), default: 0 })
  readonly reversed!: MicroCredits;
}

@Entity({ schema: 'ledger', name: 'hold_counters' })
export class HoldCounterRow {
  @PrimaryColumn(textColumn('hold_id'))
  readonly holdId!: string;

  @PrimaryColumn(textColumn('counter_id'))
  readonly counterId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(moneyColumn('held'))
  readonly held!: MicroCredits;

  @Column(moneyColumn('used'))
  readonly used!: MicroCredits;
}
