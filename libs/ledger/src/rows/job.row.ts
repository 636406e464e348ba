// Ledger room. A job as it stands; its columns are the fields of JobFacts.
import type {
  BotType,
  EndReason,
  Extras,
  Funding,
  Instant,
  JobMarker,
  JobState,
  MicroCredits,
  Program,
  RequestKind,
  Requester,
  Reserve,
  Share,
  JobWaiting,
} from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { sharesColumn } from './shares-column.js';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { waitingJson, waitingOf } from './waiting-json.js';

@Entity({ schema: 'ledger', name: 'jobs' })
export class JobRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('scope_id'))
  readonly scopeId!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('bot_id'))
  readonly botId!: string;

  @Column(textColumn('bot_type'))
  readonly botType!: BotType;

  @Column(textColumn('program'))
  readonly program!: Program;

  @Column(textColumn('key_hash'))
  readonly keyHash!: string;

  @Column(textColumn('body_hash'))
  readonly bodyHash!: string;

  @Column(textColumn('workflow_id'))
  readonly workflowId!: string;

  @Column(textColumn('run_id'))
  readonly runId!: string;

  @Column(textColumn('trace_parent'))
  readonly traceParent!: string;

  @Column(textColumn('request_kind'))
  readonly requestKind!: RequestKind;

  @Column({ ...textColumn('requester_kind'), default: 'account' })
  readonly requesterKind!: Requester['kind'];

  @Column(nullable(textColumn('requester_id')))
  readonly requesterId!: string | null;

  @Column({ ...textColumn('funding'), default: 'owner' })
  readonly funding!: Funding;

  @Column(nullable(textColumn('marker')))
  readonly marker!: JobMarker | null;

  @Column(nullable(textColumn('campaign_id')))
  readonly campaignId!: string | null;

  @Column(textColumn('model'))
  readonly model!: string;

  @Column(textColumn('rate_card_id'))
  readonly rateCardId!: string;

  @Column(textColumn('prompt_ref'))
  readonly promptRef!: string;

  @Column(intColumn('prompt_bytes'))
  readonly promptBytes!: number;

  @Column(nullable(textColumn('context_ref')))
  readonly contextRef!: string | null;

  @Column(intColumn('context_bytes'))
  readonly contextBytes!: number;

  @Column(intColumn('context_tokens'))
  readonly contextTokens!: number;

  @Column(nullable(textColumn('thread_id')))
  readonly threadId!: string | null;

  @Column(nullable(momentColumn('deadline')))
  readonly deadline!: Instant | null;

  @Column({ name: 'extras', type: 'jsonb' })
  readonly extras!: Extras;

  @Column(textColumn('reserve'))
  readonly reserve!: Reserve;

  @Column(textColumn('state'))
  readonly state!: JobState;

  @Column(nullable(textColumn('end_reason')))
  readonly endReason!: EndReason | null;

  @Column(intColumn('max_iterations'))
  readonly maxIterations!: number;

  @Column(moneyColumn('max_credits'))
  readonly maxCredits!: MicroCredits;

  @Column(intColumn('iteration'))
  readonly iteration!: number;

  @Column(intColumn('steps_ended'))
  readonly stepsEnded!: number;

  @Column(intColumn('billable_steps'))
  readonly billableSteps!: number;

  @Column(moneyColumn('charge'))
  readonly charge!: MicroCredits;

  @Column(moneyColumn('minimum_charge'))
  readonly minimumCharge!: MicroCredits;

  @Column(sharesColumn('minimum_paid_from'))
  readonly minimumPaidFrom!: readonly Share[];

  @Column(moneyColumn('written_off'))
  readonly writtenOff!: MicroCredits;

  @Column(moneyColumn('refunded'))
  readonly refunded!: MicroCredits;

  @Column(moneyColumn('held'))
  readonly held!: MicroCredits;

  @Column({ name: 'waiting', type: 'jsonb', nullable: true, transformer: { from: waitingOf, to: waitingJson } })
  readonly waiting!: JobWaiting | null;

  @Column(momentColumn('created_at'))
  readonly createdAt!: Instant;

  @Column(nullable(momentColumn('started_at')))
  readonly startedAt!: Instant | null;

  @Column(nullable(momentColumn('ended_at')))
  readonly endedAt!: Instant | null;
}
