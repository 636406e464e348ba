// Records room. One tenant under an account, and the keys that speak for it or for the whole account.
import type {
  BotGuide,
  BotType,
  Environment,
  Extras,
  FundingMode,
  Instant,
  MicroCredits,
  Program,
  SalesMode,
  Visibility,
} from '@fairmeter/domain';
import { ALL_EXTRAS } from '@fairmeter/domain';
import { countColumn, intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'bots' })
export class BotRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('type'))
  readonly type!: BotType;

  @Column(nullable(textColumn('program')))
  readonly program!: Program | null;

  @Column(textColumn('name'))
  readonly name!: string;

  @Column(textColumn('default_model'))
  readonly defaultModel!: string;

  @Column(intColumn('default_max_iterations'))
  readonly defaultMaxIterations!: number;

  @Column(moneyColumn('default_max_credits'))
  readonly defaultMaxCredits!: MicroCredits;

  @Column({ name: 'extras', type: 'jsonb', default: ALL_EXTRAS })
  readonly extras!: Extras;

  @Column(nullable(intColumn('max_iterations')))
  readonly maxIterations!: number | null;

  @Column(nullable(intColumn('max_context_tokens')))
  readonly maxContextTokens!: number | null;

  @Column(nullable(moneyColumn('max_credits')))
  readonly maxCredits!: MicroCredits | null;

  @Column(nullable(countColumn('max_deadline_ms')))
  readonly maxDeadlineMs!: number | null;

  @Column({ name: 'models', type: 'text', array: true, nullable: true })
  readonly models!: readonly string[] | null;

  @Column({ name: 'artefacts', type: 'boolean', nullable: true })
  readonly artefacts!: boolean | null;

  @Column({ ...textColumn('visibility'), default: 'private' })
  readonly visibility!: Visibility;

  @Column(nullable(textColumn('domain')))
  readonly domain!: string | null;

  /** What was answered when it went public last, by whom and when. */
  @Column({ name: 'publication', type: 'jsonb', nullable: true })
  readonly publication!: object | null;

  @Column({ name: 'guide', type: 'jsonb', default: {} })
  readonly guide!: BotGuide;

  /** Tokens of its visitors hold in one round alone; a move and an archiving begin the next. */
  @Column({ ...intColumn('token_round'), default: 0 })
  readonly tokenRound!: number;

  @Column({ ...textColumn('sales_mode'), default: 'platform_sells' })
  readonly salesMode!: SalesMode;

  @Column({ ...textColumn('funding_mode'), default: 'owner_pool' })
  readonly fundingMode!: FundingMode;

  @Column({ name: 'public_may_use_bonus', type: 'boolean', default: false })
  readonly publicMayUseBonus!: boolean;

  @Column(nullable(momentColumn('archived_at')))
  readonly archivedAt!: Instant | null;

  @Column({ ...momentColumn('created_at'), default: () => 'clock_timestamp()' })
  readonly createdAt!: Instant;
}

@Entity({ schema: 'records', name: 'api_keys' })
export class ApiKeyRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(nullable(textColumn('bot_id')))
  readonly botId!: string | null;

  @Column({ ...textColumn('environment'), default: 'live' })
  readonly environment!: Environment;

  @Column({ ...textColumn('name'), default: '' })
  readonly name!: string;

  @Column(textColumn('prefix'))
  readonly prefix!: string;

  @Column(textColumn('secret_hash'))
  readonly secretHash!: string;

  /** The last characters of the key; null for keys of before they were kept. */
  @Column(nullable(textColumn('last4')))
  readonly last4!: string | null;

  @Column(nullable(textColumn('replaced_by')))
  readonly replacedBy!: string | null;

  /** Null is its own id. */
  @Column(nullable(textColumn('limit_subject')))
  readonly limitSubject!: string | null;

  @Column(nullable(momentColumn('last_used_at')))
  readonly lastUsedAt!: Instant | null;

  @Column({ name: 'scopes', type: 'text', array: true })
  readonly scopes!: string[];

  @Column(nullable(momentColumn('expires_at')))
  readonly expiresAt!: Instant | null;

  @Column(nullable(momentColumn('revoked_at')))
  readonly revokedAt!: Instant | null;

  @Column({ ...momentColumn('created_at'), default: () => 'clock_timestamp()' })
  readonly createdAt!: Instant;
}
