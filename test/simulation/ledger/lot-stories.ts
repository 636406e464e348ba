// Simulation. What happens to lots: granted of every kind, ended, taken back, and asked for with what cannot be.
import {
  accountScope,
  LOT_KINDS,
  MAX_MICRO_CREDITS,
  MOST_OF_A_SCOPE,
  type GrantResult,
  type LotKind,
  type MicroCredits,
} from '@fairmeter/domain';
import type { Caller } from './caller.js';
import type { LedgerRequest } from './request.js';

type GrantRequest = Extract<LedgerRequest, { verb: 'grant' }>;

/** A daily lot is opened by the ledger itself. Purchases come often: they are what pays a debt. */
const KINDS: readonly LotKind[] = [...LOT_KINDS.filter((kind) => kind !== 'daily'), 'bundle', 'bundle'];

export interface Purchases {
  /** Bundles that may still be taken back. */
  readonly bundles: string[];
}

export async function grantLots(caller: Caller, purchases: Purchases): Promise<void> {
  const { chance } = caller;
  const lots = chance.whole(1, 4);
  for (let lot = 0; lot < lots; lot++) {
    const request = grantRequest(caller, chance.pick(KINDS));
    const granted = await caller.ask<GrantResult>(request);
    if (granted === undefined) continue;
    if (request.order.kind === 'bundle') purchases.bundles.push(granted.lotId);
    if (chance.happens(15)) {
      const other = { ...request.order, amount: (request.order.amount + 1n) as MicroCredits };
      await caller.mustRefuse({ ...request, order: other }, 'operation_mismatch');
    }
  }
}

export function grantRequest(caller: Caller, kind: LotKind): GrantRequest {
  const { chance, owner } = caller;
  const asOf = caller.now();
  const ends = chance.happens(45);
  return {
    verb: 'grant',
    owner,
    asOf,
    order: {
      kind,
      amount: chance.big(1_000_000n, 200_000_000n) as MicroCredits,
      validFrom: asOf,
      expiresAt: ends ? caller.inMinutes(chance.whole(3, 90)) : null,
      sourceRef: caller.newName('source'),
    },
  };
}

export async function endLots(caller: Caller): Promise<void> {
  if (caller.chance.happens(50)) await caller.ask(grantRequest(caller, 'bonus_promo'));
  await caller.ask({ verb: 'expire', owner: caller.owner, asOf: caller.now() });
}

/** A period's lot from its grant on: grown, and ended or taken back, as a subscription asks for it. */
export async function keepPeriods(caller: Caller): Promise<void> {
  const { chance, owner } = caller;
  const kind = chance.pick(['subscription', 'eu_allowance'] as const);
  const { order, ...request } = grantRequest(caller, kind);
  const isAhead = chance.happens(40);
  const validFrom = isAhead ? caller.inMinutes(chance.whole(3, 40)) : order.validFrom;
  const sourceRef = `period/${caller.newName('start')}`;
  const period = { validFrom, expiresAt: caller.inMinutes(chance.whole(45, 90)), sourceRef };
  await caller.ask({ ...request, order: { ...order, ...period } });
  const lot = { kind, sourceRef };
  for (let growths = chance.whole(0, 2); growths > 0; growths--) {
    const amount = chance.big(1_000_000n, 20_000_000n) as MicroCredits;
    const grown = { ...lot, amount, growKey: caller.newName('growth') };
    // Others may have taken the time of the scope beyond its end.
    await caller.ask({ verb: 'growLot', owner, asOf: caller.now(), order: grown }, ['lot_ended']);
  }
  if (chance.happens(20)) return;
  if (!isAhead && chance.happens(30)) {
    const starts = { validFrom: caller.inMinutes(1), sourceRef: `period/${caller.newName('start')}` };
    await caller.ask({ ...request, order: { ...order, ...period, ...starts, inPlaceOf: sourceRef } });
    return;
  }
  const verb = isAhead ? 'takeBackLot' : 'endLot';
  await caller.ask({ verb, owner, asOf: caller.now(), lot });
  const late = { ...lot, amount: 1n as MicroCredits, growKey: caller.newName('late') };
  const over = isAhead ? (['lot_ended', 'lot_taken_back'] as const) : (['lot_ended'] as const);
  await caller.ask({ verb: 'growLot', owner, asOf: caller.now(), order: late }, over);
}

export async function takeBack(caller: Caller, purchases: Purchases): Promise<void> {
  const { chance, owner } = caller;
  const lotId = purchases.bundles.length === 0 ? undefined : chance.pick(purchases.bundles);
  if (lotId === undefined) return;
  await caller.ask({ verb: 'clawBack', owner, asOf: caller.now(), lotId });
  // The next purchase pays what is owed, as far as it goes.
  if (chance.happens(70)) await caller.ask(grantRequest(caller, 'bundle'));
}

export async function askForTheImpossible(caller: Caller): Promise<void> {
  const { chance, owner } = caller;
  const good = grantRequest(caller, chance.pick(KINDS));
  const bad = (order: Partial<GrantRequest['order']>): GrantRequest => ({
    ...good,
    order: { ...good.order, sourceRef: caller.newName('bad'), ...order },
  });
  const amounts = [0n, -1n, -MAX_MICRO_CREDITS, MAX_MICRO_CREDITS + 1n] as MicroCredits[];
  const asOf = caller.now();
  // In one breath with good ones: a neighbour in the same commit is not touched.
  await Promise.all([
    ...amounts.map((amount) => caller.mustRefuse(bad({ amount }), 'amount_out_of_range')),
    caller.ask(good),
    caller.mustRefuse(bad({ expiresAt: good.order.validFrom }), 'amount_out_of_range'),
    caller.mustRefuse({ verb: 'clawBack', owner, asOf, lotId: caller.newName('lot_of_nobody') }, 'lot_not_found'),
    caller.mustRefuse(
      {
        verb: 'settle',
        payer: { accountId: owner.accountId, jobId: caller.newName('job_of_nobody') },
        asOf,
        order: { state: 'cancelled', reason: 'cancelled', minimumCharge: 0n as MicroCredits },
      },
      'job_not_found',
    ),
  ]);
}

/** A payer of its own that has as much as a scope may: not a micro-credit more is granted. */
export async function fillToTheBrim(caller: Caller): Promise<void> {
  const accountId = `${caller.owner.accountId}_${caller.newName('full')}`;
  const owner = { accountId, scopeId: accountScope(accountId) };
  const left = caller.chance.big(1n, 9_000_000n);
  const granting = (amount: bigint): GrantRequest => {
    const { order, ...request } = grantRequest(caller, caller.chance.pick(KINDS));
    return { ...request, owner, order: { ...order, amount: amount as MicroCredits, expiresAt: null } };
  };
  await caller.ask(granting(MOST_OF_A_SCOPE - left));
  await caller.mustRefuse(granting(left + 1n), 'amount_out_of_range');
  await caller.ask(granting(left));
  await caller.mustRefuse(granting(1n), 'amount_out_of_range');
}
