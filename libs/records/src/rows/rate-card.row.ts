// Records room. A dated card and its lines; neither is ever changed, the writer's role may not.
import type { Instant, MicroCredits, MicroDollars, ModelTier, UnitKind } from '@fairmeter/domain';
import { countColumn, intColumn, momentColumn, moneyColumn, textColumn } from '@fairmeter/platform/database';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'records', name: 'rate_cards' })
export class RateCardRow {
  @PrimaryColumn(textColumn('id'))
  readonly id!: string;

  @Column(momentColumn('announced_at'))
  readonly announcedAt!: Instant;

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

  @Column(textColumn('tier'))
  readonly tier!: ModelTier;

  @Column(textColumn('family'))
  readonly family!: string;

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

  @Column(moneyColumn('input_cost'))
  readonly inputCost!: MicroDollars;

  @Column(moneyColumn('cached_input_cost'))
  readonly cachedInputCost!: MicroDollars;

  @Column(moneyColumn('cache_write_cost'))
  readonly cacheWriteCost!: MicroDollars;

  @Column(moneyColumn('output_cost'))
  readonly outputCost!: MicroDollars;

  @Column(moneyColumn('reasoning_cost'))
  readonly reasoningCost!: MicroDollars;

  @Column(textColumn('source'))
  readonly source!: string;
}

@Entity({ schema: 'records', name: 'unit_prices' })
export class UnitPriceRow {
  @PrimaryColumn(textColumn('rate_card_id'))
  readonly rateCardId!: string;

  @PrimaryColumn(textColumn('item'))
  readonly item!: string;

  @Column(textColumn('kind'))
  readonly kind!: UnitKind;

  @Column(moneyColumn('call_rate'))
  readonly callRate!: MicroCredits;

  @Column(moneyColumn('second_rate'))
  readonly secondRate!: MicroCredits;

  @Column(moneyColumn('million_bytes_rate'))
  readonly millionBytesRate!: MicroCredits;

  @Column(moneyColumn('call_cost'))
  readonly callCost!: MicroDollars;

  @Column(moneyColumn('second_cost'))
  readonly secondCost!: MicroDollars;

  @Column(moneyColumn('million_bytes_cost'))
  readonly millionBytesCost!: MicroDollars;

  @Column(intColumn('most_seconds'))
  readonly mostSeconds!: number;

  @Column(countColumn('most_bytes'))
  readonly mostBytes!: number;

  @Column(textColumn('source'))
  readonly source!: string;
}
