// Domain room. Counters are limits that ride along with a hold: credits must be there and the limit must have room.
// They are held like credits, so that many in flight together never pass the limit.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, shortfall, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';

export const COUNTER_KINDS = [
  'free_reserve',
  'training',
  'campaign',
  'member',
  'key',
  'spend',
  'bot',
  'visitor',
] as const;
export type CounterKind = (typeof COUNTER_KINDS)[number];

export const COUNTER_PERIODS = ['day', 'billing_period', 'total'] as const;
export type CounterPeriod = (typeof COUNTER_PERIODS)[number];

/** A limit as the terms of a scope say it. */
export interface Limit {
  readonly kind: CounterKind;
  /** What is limited: a member, a key, a bot, a campaign; empty where the kind has one for the whole scope. */
  readonly subject: string;
  readonly period: CounterPeriod;
  readonly amount: MicroCredits;
}

/** What was used and is held under one limit in one of its periods. */
export interface Counter {
  readonly id: string;
  readonly kind: CounterKind;
  readonly subject: string;
  readonly period: CounterPeriod;
  readonly periodStart: Instant;
  readonly used: MicroCredits;
  readonly held: MicroCredits;
}

/** A limit with the period it counts in now: what a hold must pass. */
export interface LimitNow {
  readonly limit: Limit;
  readonly periodStart: Instant;
}

/** A hold's part of a counter, so that its release and its refund find the counter of their own period. */
export interface HoldCounter {
  readonly counterId: string;
  readonly held: MicroCredits;
  readonly used: MicroCredits;
}

export function counterId(scopeId: string, now: LimitNow): string {
  const { kind, subject, period } = now.limit;
  return `${scopeId}|${kind}|${subject}|${period}|${now.periodStart}`;
}

/** Counters of one limit share this, whatever their period. */
export function limitOfCounter(id: string): string {
  return id.slice(0, id.lastIndexOf('|'));
}

export function freshCounter(scopeId: string, now: LimitNow): Counter {
  return {
    id: counterId(scopeId, now),
    kind: now.limit.kind,
    subject: now.limit.subject,
    period: now.limit.period,
    periodStart: now.periodStart,
    used: ZERO,
    held: ZERO,
  };
}

/** What may still be held, counting one's own hold as free. A limit set below what is used leaves no room at all. */
export function roomOf(limit: Limit, counter: Counter, ownHeld: MicroCredits): MicroCredits {
  return shortfall(limit.amount, subtract(add(counter.used, counter.held), ownHeld));
}

export function holdOnCounter(counter: Counter, before: MicroCredits, after: MicroCredits): Counter {
  return { ...counter, held: add(subtract(counter.held, before), after) };
}

/** Turns held into used; an overrun beyond the hold counts as used as well. */
export function useCounter(counter: Counter, part: HoldCounter, amount: MicroCredits): [Counter, HoldCounter] {
  const fromHeld = smallest(amount, part.held);
  return [
    { ...counter, used: add(counter.used, amount), held: subtract(counter.held, fromHeld) },
    { ...part, held: subtract(part.held, fromHeld), used: add(part.used, amount) },
  ];
}

/** A refund gives room back to the period the use was counted in, never to another. */
export function giveBackToCounter(counter: Counter, part: HoldCounter, amount: MicroCredits): [Counter, HoldCounter] {
  const back = smallest(amount, part.used);
  return [
    { ...counter, used: subtract(counter.used, back) },
    { ...part, used: subtract(part.used, back) },
  ];
}
