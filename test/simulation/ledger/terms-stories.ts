// Simulation. What happens to terms: zones and daily allowances change in the middle of the day, limits come, change
// and go while jobs ride on them, and both are asked for with what cannot be.
import {
  COUNTER_PERIODS,
  MAX_MICRO_CREDITS,
  type CounterKind,
  type LimitChange,
  type LimitRef,
  type MicroCredits,
} from '@fairmeter/domain';
import type { TermsOrder } from '@fairmeter/domain/time';
import type { Chance } from '../chance.js';
import type { Caller } from './caller.js';
import type { LedgerRequest } from './request.js';

type TermsRequest = Extract<LedgerRequest, { verb: 'setTerms' }>;
type LimitsRequest = Extract<LedgerRequest, { verb: 'setLimits' }>;

/** As far east and west as there is, quarters of an hour, and midnights that do not exist or come twice. */
const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'America/Havana'],
  ...['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Atlantic/Azores', 'Africa/Cairo'],
];
const NO_ZONES = ['', '+02:00', 'Mars/Olympus', 'Europe/Berlin; DROP TABLE'];

const LIMITED: readonly CounterKind[] = ['spend', 'member', 'campaign', 'free_reserve'];
const SUBJECTS = ['', 'one'];

/** Names of limits, whether or not one of that name is set. */
export function drawLimitRefs(chance: Chance): readonly LimitRef[] {
  const refs = Array.from({ length: chance.whole(0, 2) }, () => ({
    ...drawLimitRef(chance),
    ...(chance.happens(30) ? { usual: chance.pick(SUBJECTS) } : {}),
  }));
  return [...new Map(refs.map((ref) => [`${ref.kind}|${ref.subject}`, ref])).values()];
}

function drawLimitRef(chance: Chance): LimitRef {
  return { kind: chance.pick(LIMITED), subject: chance.pick(SUBJECTS) };
}

export async function changeTerms(caller: Caller): Promise<void> {
  const { chance } = caller;
  const request = termsRequest(caller, drawTerms(chance));
  // Whoever has no terms yet must name a zone.
  const set = await caller.ask(request, request.post.order.zone === undefined ? ['time_zone_invalid'] : []);
  if (set !== undefined && chance.happens(20)) {
    const other = { ...request.post.order, dailyAllowance: 7_000_001n as MicroCredits };
    await caller.mustRefuse({ ...request, post: { ...request.post, order: other } }, 'operation_mismatch');
  }
}

function drawTerms(chance: Chance): TermsOrder {
  const dailyAllowance = chance.big(0n, 6_000_000n) as MicroCredits;
  return {
    ...(chance.happens(60) ? { zone: chance.pick(ZONES) } : {}),
    // Now and then one that gives nothing, or a change that names nothing.
    ...(chance.happens(75) ? { dailyAllowance: chance.happens(15) ? (0n as MicroCredits) : dailyAllowance } : {}),
  };
}

function termsRequest(caller: Caller, order: TermsOrder): TermsRequest {
  const post = { owner: caller.owner, changeKey: caller.newName('terms'), asOf: caller.now(), order };
  return { verb: 'setTerms', post };
}

export async function changeLimits(caller: Caller): Promise<void> {
  const { chance } = caller;
  const changes = Array.from({ length: chance.whole(1, 3) }, () => drawLimit(chance));
  const request = limitsRequest(caller, changes);
  await caller.ask(request);
  if (!chance.happens(20)) return;
  const order = [...changes, drawLimit(chance)];
  await caller.mustRefuse({ ...request, post: { ...request.post, order } }, 'operation_mismatch');
}

/** Some are lower than what is used already, some are taken away. */
function drawLimit(chance: Chance): LimitChange {
  return {
    ...drawLimitRef(chance),
    period: chance.pick(COUNTER_PERIODS),
    amount: chance.happens(30) ? null : (chance.big(0n, 60_000_000n) as MicroCredits),
  };
}

function limitsRequest(caller: Caller, order: readonly LimitChange[]): LimitsRequest {
  return {
    verb: 'setLimits',
    post: { owner: caller.owner, changeKey: caller.newName('limits'), asOf: caller.now(), order },
  };
}

export async function askForImpossibleTerms(caller: Caller): Promise<void> {
  const { chance } = caller;
  const wrong = chance.pick([-1n, MAX_MICRO_CREDITS + 1n]) as MicroCredits;
  const zone = chance.pick(ZONES);
  const limit = { ...drawLimit(chance), amount: wrong };
  // In one breath with good ones: a neighbour in the same commit is not touched.
  await Promise.all([
    caller.mustRefuse(termsRequest(caller, { zone, dailyAllowance: wrong }), 'amount_out_of_range'),
    caller.mustRefuse(termsRequest(caller, { zone: chance.pick(NO_ZONES) }), 'time_zone_invalid'),
    caller.ask(termsRequest(caller, { zone })),
    caller.mustRefuse(limitsRequest(caller, []), 'amount_out_of_range'),
    caller.mustRefuse(limitsRequest(caller, [drawLimit(chance), limit]), 'amount_out_of_range'),
    caller.ask(limitsRequest(caller, [drawLimit(chance)])),
  ]);
}
