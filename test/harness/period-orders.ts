// Test harness. Orders on the lots of periods, as a subscription gives them: to a ledger in memory and to the tables.
import type { Instant, PeriodLotName } from '@fairmeter/domain';
import type { LotLedger, ScopeOwner } from '@fairmeter/ledger';
import type { MemoryLedger } from './memory-ledger.js';
import type { PeriodOrder } from './random-orders.js';
import type { Both } from './twin-answers.js';

export interface PeriodDesk {
  readonly model: MemoryLedger;
  readonly grants: LotLedger;
  readonly owner: ScopeOwner;
}

/** Under one key it is done once: a repetition gets the first answer. */
export type PeriodAsk = Both & { readonly key: string };

export function periodAsk({ model, grants, owner }: PeriodDesk, one: PeriodOrder, asOf: Instant): PeriodAsk {
  const name = lotPicked(model, one.pick);
  const { kind, sourceRef } = name;
  if (one.verb === 'grow-lot') {
    const order = { ...name, amount: one.amount };
    return {
      key: `${owner.scopeId}:lot.grow:${one.growth}`,
      body: [
        ['amount', `${one.amount}`],
        ['kind', kind],
        ['sourceRef', sourceRef],
      ],
      decide: () => model.growLot(asOf, order),
      ask: async () => grants.growLot(owner, asOf, { ...order, growKey: `${one.growth}` }),
    };
  }
  const isEnd = one.verb === 'end-lot';
  return {
    key: `${one.verb}:${kind}:${sourceRef}`,
    decide: () => (isEnd ? model.endLot(asOf, name) : model.takeBackLot(asOf, name)),
    ask: async () => (isEnd ? grants.endLot(owner, asOf, name) : grants.takeBackLot(owner, asOf, name)),
  };
}

/** One that was never posted where there is none. */
function lotPicked(model: MemoryLedger, pick: number): PeriodLotName {
  const names = [...model.snapshot.lots.values()].flatMap(({ kind, sourceRef }) =>
    kind === 'subscription' || kind === 'eu_allowance' ? [{ kind, sourceRef }] : [],
  );
  return names[pick % Math.max(names.length, 1)] ?? { kind: 'subscription', sourceRef: 'never posted' };
}
