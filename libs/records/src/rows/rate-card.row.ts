// Records room. A dated card and its lines; neither is ever changed, the writer's role may not.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { intColumn, momentColumn, moneyColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'rate_cards' })
export class RateCardRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(momentColumn('effective_from'))
  readonly effectiveFrom!: Instant;

  @Column(moneyColumn('minimum_charge'))
  readonly minimumCharge!: MicroCredits;

  @Column(textColumn('body_sha256'))
  readonly bodySha256!: string;
}

@Entity({ schema: 'records', name: 'model_prices' })
export class ModelPriceRow {
  @PrimaryColumn(textColumn('rate_card_id'))
  readonly rateCardId!: string;

  @PrimaryColumn(textColumn('model'))
  readonly model!: string;

  @Column(textColumn('provider'))
  readonly provider!: string;

  @Column(textColumn('provider_model'))
  readonly providerModel!: string;

  @Column(intColumn('context_tokens'))
  readonly contextTokens!: number;

  @Column(intColumn('max_output_tokens'))
  readonly maxOutputTokens!: number;

  @Column(moneyColumn('input_rate'))
  readonly inputRate!: MicroCredits;

  @Column(moneyColumn('cached_input_rate'))
  readonly cachedInputRate!: MicroCredits;

  @Column(moneyColumn('cache_write_rate'))
  readonly cacheWriteRate!: MicroCredits;

  @Column(moneyColumn('output_rate'))
  readonly outputRate!: MicroCredits;

  @Column(moneyColumn('reasoning_rate'))
  readonly reasoningRate!: MicroCredits;

  @Column(textColumn('source'))
  readonly source!: string;
}
