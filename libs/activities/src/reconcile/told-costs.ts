// Activities room. What providers told of their answers, kept with them, beside what was metered: both at what the
// pinned card says they cost us. Listed alone, where a bill would not be what we take it for.
import type { MicroDollars, TokenMeters } from '@fairmeter/domain';
import { NO_USE, priceOf, realCostOf } from '@fairmeter/domain';
import type { BilledCall } from '@fairmeter/ledger/reads';
import { readBilledCalls } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { FoundDrift } from '@fairmeter/records';
import { answerRef, readRateCard, readToldUsage } from '@fairmeter/records';
import { attemptSubject } from './subjects.js';

const POOLS = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] as const satisfies (keyof TokenMeters)[];

export async function costsToldOtherwise(tx: EntityManager, jobIds: readonly string[]): Promise<FoundDrift[]> {
  const calls = await readBilledCalls(tx, jobIds);
  const told = await readToldUsage(tx, calls.map(refOf));
  const drift: FoundDrift[] = [];
  for (const call of calls) {
    const usage = told.get(refOf(call));
    if (usage === undefined || POOLS.every((pool) => usage[pool] === call.metered[pool])) continue;
    drift.push(await driftOf(tx, call, usage));
  }
  return drift;
}

async function driftOf(tx: EntityManager, call: BilledCall, told: TokenMeters): Promise<FoundDrift> {
  const { accountId, metered, realCost } = call;
  const toldCost = await costOf(tx, call, told);
  return {
    kind: 'provider_cost',
    subject: attemptSubject(call),
    accountId,
    figures: {
      told_tokens: inPools(told),
      metered_tokens: inPools(metered),
      told_micro_dollars: toldCost === null ? null : toldCost.toString(),
      metered_micro_dollars: realCost.toString(),
    },
  };
}

/** Null where the card of the job knows the model no more. */
async function costOf(
  tx: EntityManager,
  { rateCardId, model }: BilledCall,
  told: TokenMeters,
): Promise<MicroDollars | null> {
  const price = priceOf(await readRateCard(tx, rateCardId), model);
  return price === undefined ? null : realCostOf({ pricedBy: 'tokens', price }, { ...NO_USE, ...told });
}

function refOf({ jobId, ordinal, number }: BilledCall): string {
  return answerRef(jobId, ordinal, number);
}

function inPools(tokens: TokenMeters): Record<string, number> {
  return Object.fromEntries(POOLS.map((pool) => [pool, tokens[pool]]));
}
