// Command line. Reads the reviewed rate cards of `prices/` into domain types; a figure that is not one stops the seed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Instant,
  MicroCredits,
  MicroDollars,
  ModelTier,
  PerTokenPool,
  PerUnit,
  UnitKind,
} from '@fairmeter/domain';
import { instant, MODEL_TIERS, parseCredits, parseDollars, UNIT_KINDS } from '@fairmeter/domain';
import type { PublishedCard } from '@fairmeter/records';

interface CardFile {
  readonly id: string;
  /** Left out: announced as it takes effect. */
  readonly announced_at?: string;
  readonly effective_from: string;
  readonly minimum_charge: string;
  readonly models: readonly ModelLine[];
  readonly units?: readonly UnitLine[];
}

interface ModelLine {
  readonly model: string;
  readonly provider: string;
  readonly provider_model: string;
  /** Left out: standard. */
  readonly tier?: string;
  /** Left out: all models of the provider are one family. */
  readonly family?: string;
  readonly context_tokens: number;
  readonly max_output_tokens: number;
  readonly credits_per_million: Readonly<Record<RateName, string>>;
  /** Dollars per million, as the provider asks them of us. Left out: not on record, kept as 0. */
  readonly real_cost?: Readonly<Record<RateName, string>>;
  readonly source: string;
}

interface UnitLine {
  readonly item: string;
  readonly kind: string;
  readonly credits: Readonly<Record<UnitName, string>>;
  readonly real_cost: Readonly<Record<UnitName, string>>;
  readonly most: { readonly seconds: number; readonly bytes: number };
  readonly source: string;
}

type RateName = 'input' | 'cached_input' | 'cache_write' | 'output' | 'reasoning';
type UnitName = 'per_call' | 'per_second' | 'per_million_bytes';

export function readRateCards(folder: string): PublishedCard[] {
  return readdirSync(folder)
    .filter((name) => /^rate-card\..+\.json$/.test(name))
    .sort()
    .map((name) => cardFrom(JSON.parse(readFileSync(join(folder, name), 'utf8')) as CardFile, new Figures(name)));
}

function cardFrom(file: CardFile, figures: Figures): PublishedCard {
  const effectiveFrom = figures.instant(file.effective_from, 'effective_from');
  return {
    id: file.id,
    announcedAt: file.announced_at === undefined ? effectiveFrom : figures.instant(file.announced_at, 'announced_at'),
    effectiveFrom,
    minimumCharge: figures.credits(file.minimum_charge, 'minimum_charge'),
    models: file.models.map((line) => modelFrom(line, figures)),
    units: (file.units ?? []).map((line) => unitFrom(line, figures)),
  };
}

const NO_COST: Readonly<Record<RateName, string>> = {
  input: '0',
  cached_input: '0',
  cache_write: '0',
  output: '0',
  reasoning: '0',
};

function modelFrom(line: ModelLine, figures: Figures): PublishedCard['models'][number] {
  const { real_cost: realCost = NO_COST } = line;
  return {
    model: line.model,
    provider: line.provider,
    providerModel: line.provider_model,
    tier: figures.oneOf<ModelTier>(MODEL_TIERS, line.tier ?? 'standard', line.model),
    family: line.family ?? line.provider,
    contextTokens: line.context_tokens,
    maxOutputTokens: line.max_output_tokens,
    rates: inPools((name) => figures.credits(line.credits_per_million[name], `${line.model} ${name}`)),
    realCost: inPools((name) => figures.dollars(realCost[name], `the real cost of ${line.model} ${name}`)),
    source: line.source,
  };
}

function unitFrom(line: UnitLine, figures: Figures): PublishedCard['units'][number] {
  return {
    item: line.item,
    kind: figures.oneOf<UnitKind>(UNIT_KINDS, line.kind, line.item),
    rates: inUnits((name) => figures.credits(line.credits[name], `${line.item} ${name}`)),
    realCost: inUnits((name) => figures.dollars(line.real_cost[name], `the real cost of ${line.item} ${name}`)),
    most: { seconds: line.most.seconds, bytes: line.most.bytes },
    source: line.source,
  };
}

function inPools<Amount>(at: (name: RateName) => Amount): PerTokenPool<Amount> {
  return {
    input: at('input'),
    cachedInput: at('cached_input'),
    cacheWrite: at('cache_write'),
    output: at('output'),
    reasoning: at('reasoning'),
  };
}

function inUnits<Amount>(at: (name: UnitName) => Amount): PerUnit<Amount> {
  return { perCall: at('per_call'), perSecond: at('per_second'), perMillionBytes: at('per_million_bytes') };
}

/** Reads figures, and says of a wrong one in which file it stands. */
class Figures {
  constructor(private readonly file: string) {}

  credits(text: string, what: string): MicroCredits {
    return parseCredits(text) ?? this.refuse(`${what} is no amount of credits: ${text}`);
  }

  dollars(text: string, what: string): MicroDollars {
    return parseDollars(text) ?? this.refuse(`${what} is no amount of dollars: ${text}`);
  }

  instant(text: string, what: string): Instant {
    const at = Date.parse(text);
    return Number.isNaN(at) ? this.refuse(`${what} is no instant: ${text}`) : instant(at);
  }

  oneOf<Word extends string>(words: readonly Word[], text: string, what: string): Word {
    return words.find((word) => word === text) ?? this.refuse(`${what} is none of ${words.join(', ')}: ${text}`);
  }

  private refuse(why: string): never {
    throw new Error(`${this.file}: ${why}`);
  }
}
