// Command line. Reads the reviewed rate cards of `prices/` into domain types; a figure that is not one stops the seed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MicroCredits } from '@fairmeter/domain';
import { instant, parseCredits } from '@fairmeter/domain';
import type { PublishedCard } from '@fairmeter/records';

interface CardFile {
  readonly id: string;
  readonly effective_from: string;
  readonly minimum_charge: string;
  readonly models: readonly {
    readonly model: string;
    readonly provider: string;
    readonly provider_model: string;
    readonly context_tokens: number;
    readonly max_output_tokens: number;
    readonly credits_per_million: Readonly<Record<RateName, string>>;
    readonly source: string;
  }[];
}

type RateName = 'input' | 'cached_input' | 'cache_write' | 'output' | 'reasoning';

export function readRateCards(folder: string): PublishedCard[] {
  return readdirSync(folder)
    .filter((name) => /^rate-card\..+\.json$/.test(name))
    .sort()
    .map((name) => cardFrom(JSON.parse(readFileSync(join(folder, name), 'utf8')) as CardFile, name));
}

function cardFrom(file: CardFile, name: string): PublishedCard {
  const amount = (text: string, what: string): MicroCredits => {
    const parsed = parseCredits(text);
    if (parsed === undefined) throw new Error(`${name}: ${what} is no amount of credits: ${text}`);
    return parsed;
  };
  return {
    id: file.id,
    effectiveFrom: instant(Date.parse(file.effective_from)),
    minimumCharge: amount(file.minimum_charge, 'minimum_charge'),
    models: file.models.map((model) => {
      const rate = (rateName: RateName): MicroCredits =>
        amount(model.credits_per_million[rateName], `${model.model} ${rateName}`);
      return {
        model: model.model,
        provider: model.provider,
        providerModel: model.provider_model,
        contextTokens: model.context_tokens,
        maxOutputTokens: model.max_output_tokens,
        rates: {
          input: rate('input'),
          cachedInput: rate('cached_input'),
          cacheWrite: rate('cache_write'),
          output: rate('output'),
          reasoning: rate('reasoning'),
        },
        source: model.source,
      };
    }),
  };
}
