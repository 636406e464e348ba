// Goal: a grant goes one way, and never by one person alone where it is large. Method: the whole table of states and
// steps, and every pair of roles.
import { describe, expect, it } from '@jest/globals';
import { credits, microCredits } from '../amounts/micro-credits.js';
import { LOT_KINDS } from '../ledger/lot.js';
import { EARNING_RULE_IDS, EARNING_RULES } from './earning-rules.js';
import type { GrantState, GrantStep } from './grant.js';
import {
  afterGrantStep,
  decideGrant,
  GRANT_KINDS,
  GRANT_STATES,
  GRANT_STEPS,
  GRANTS_ALONE,
  LOT_KIND_OF_GRANT,
  needsSecondPerson,
} from './grant.js';

describe('the states of a grant', () => {
  const allowed: readonly [GrantState, GrantStep, GrantState][] = [
    ['requested', 'approve', 'approved'],
    ['requested', 'reject', 'rejected'],
    ['approved', 'post', 'posted'],
    ['posted', 'tell', 'notified'],
  ];
  const all = GRANT_STATES.flatMap((state) => GRANT_STEPS.map((step): [GrantState, GrantStep] => [state, step]));

  it.each(allowed)('%s goes by %s to %s', (state, step, next) => {
    expect(afterGrantStep(state, step)).toBe(next);
  });

  it('go no other way: what was rejected is never posted, what was posted never again', () => {
    const closed = all.filter(([state, step]) => !allowed.some(([from, by]) => from === state && by === step));
    expect(closed).toHaveLength(GRANT_STATES.length * GRANT_STEPS.length - allowed.length);
    expect(closed.map(([state, step]) => afterGrantStep(state, step))).toEqual(closed.map(() => null));
  });
});

describe('the second person', () => {
  const one = microCredits(1n);
  it('[F18] is needed above 100 credits for support and above 1000 for an admin, not at them', () => {
    expect(needsSecondPerson(credits(100n), 'support', GRANTS_ALONE)).toBe(false);
    expect(needsSecondPerson(microCredits(credits(100n) + one), 'support', GRANTS_ALONE)).toBe(true);
    expect(needsSecondPerson(credits(1_000n), 'admin', GRANTS_ALONE)).toBe(false);
    expect(needsSecondPerson(microCredits(credits(1_000n) + one), 'admin', GRANTS_ALONE)).toBe(true);
  });

  const asked = { state: 'requested', askedById: 'usr_asker' } as const;
  it.each([
    { verdict: 'approve', id: 'usr_asker', role: 'admin', heard: false },
    { verdict: 'approve', id: 'usr_asker', role: 'support', heard: false },
    { verdict: 'approve', id: 'usr_other', role: 'support', heard: false },
    { verdict: 'approve', id: 'usr_other', role: 'admin', heard: true },
    { verdict: 'reject', id: 'usr_asker', role: 'support', heard: true },
    { verdict: 'reject', id: 'usr_other', role: 'support', heard: true },
    { verdict: 'reject', id: 'usr_other', role: 'admin', heard: true },
  ] as const)('$verdict by $id as $role: heard $heard', ({ verdict, heard, ...by }) => {
    const outcome = decideGrant(asked, verdict, by);
    expect(outcome.ok || outcome.refusal).toEqual(heard || { code: 'second_person_needed' });
  });

  it.each(GRANT_STATES.filter((state) => state !== 'requested'))('comes too late for what is %s', (state) => {
    const outcome = decideGrant({ ...asked, state }, 'approve', { id: 'usr_other', role: 'admin' });
    expect(outcome).toEqual({ ok: false, refusal: { code: 'grant_decided', state } });
  });
});

describe('what grants become', () => {
  it('[E10] gives each source a kind of lot of its own', () => {
    const kinds = GRANT_KINDS.map((kind) => LOT_KIND_OF_GRANT[kind]);
    expect(new Set(kinds).size).toBe(GRANT_KINDS.length);
    expect(kinds.every((kind) => LOT_KINDS.includes(kind))).toBe(true);
  });

  it('brings something for every kind of contribution, and never more than one person may give', () => {
    for (const id of EARNING_RULE_IDS) {
      expect(EARNING_RULES[id].title).not.toBe('');
      expect(EARNING_RULES[id].amount).toBeGreaterThan(0n);
      expect(needsSecondPerson(EARNING_RULES[id].amount, 'support', GRANTS_ALONE)).toBe(false);
    }
  });
});
