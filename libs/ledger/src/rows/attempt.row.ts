// Ledger room. One physical try of a step with its meters.
import type { ChargeClass, Instant, MicroDollars } from '@fairmeter/domain';
import { countColumn, intColumn, momentColumn, moneyColumn, nullable, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'ledger', name: 'attempts' })
export class AttemptRow {
  @PrimaryColumn(textColumn('job_id'))
  readonly jobId!: string;

  @PrimaryColumn(intColumn('ordinal'))
  readonly ordinal!: number;

  @PrimaryColumn(intColumn('number'))
  readonly number!: number;

  @Column(textColumn('account_id'))
  readonly accountId!: string;

  @Column(textColumn('state'))
  readonly state!: 'open' | 'ended' | 'closed';

  @Column(nullable(textColumn('charge_class')))
  readonly chargeClass!: ChargeClass | null;

  @Column(nullable(textColumn('fault')))
  readonly fault!: string | null;

  @Column(countColumn('input_tokens'))
  readonly inputTokens!: number;

  @Column(countColumn('cached_input_tokens'))
  readonly cachedInputTokens!: number;

  @Column(countColumn('cache_write_tokens'))
  readonly cacheWriteTokens!: number;

  @Column(countColumn('output_tokens'))
  readonly outputTokens!: number;

  @Column(countColumn('reasoning_tokens'))
  readonly reasoningTokens!: number;

  @Column(countColumn('system_tokens'))
  readonly systemTokens!: number;

  @Column(intColumn('calls'))
  readonly calls!: number;

  @Column(countColumn('milliseconds'))
  readonly milliseconds!: number;

  @Column(countColumn('bytes'))
  readonly bytes!: number;

  @Column({ name: 'unmetered', type: 'boolean' })
  readonly unmetered!: boolean;

  @Column(nullable(textColumn('provider_request_id')))
  readonly providerRequestId!: string | null;

  @Column(nullable(textColumn('region')))
  readonly region!: string | null;

  @Column(nullable(intColumn('latency_ms')))
  readonly latencyMs!: number | null;

  /** Ours alone: no view of an owner's shows it. */
  @Column(moneyColumn('real_cost'))
  readonly realCost!: MicroDollars;

  @Column(momentColumn('started_at'))
  readonly startedAt!: Instant;

  @Column(nullable(momentColumn('ended_at')))
  readonly endedAt!: Instant | null;
}
