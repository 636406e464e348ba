// Domain room. A grant of credits by the platform: its kinds, how it goes on, and who of the staff has a say. Credits
// that are given away are looked at by a second person where they are many.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { credits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { LotKind } from '../ledger/lot.js';

export const GRANT_KINDS = ['admin', 'promo', 'community', 'compensation'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

export const LOT_KIND_OF_GRANT = {
  admin: 'bonus_admin',
  promo: 'bonus_promo',
  community: 'bonus_community',
  compensation: 'compensation',
} as const satisfies Record<GrantKind, LotKind>;

export const GRANT_STATES = ['requested', 'approved', 'rejected', 'posted', 'notified'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

export const GRANT_STEPS = ['approve', 'reject', 'post', 'tell'] as const;
export type GrantStep = (typeof GRANT_STEPS)[number];

const NEXT: Readonly<Record<GrantState, Partial<Record<GrantStep, GrantState>>>> = {
  requested: { approve: 'approved', reject: 'rejected' },
  approved: { post: 'posted' },
  posted: { tell: 'notified' },
  rejected: {},
  notified: {},
};

/** The state that follows; null where this step does not follow from that state. */
export function afterGrantStep(state: GrantState, step: GrantStep): GrantState | null {
  return NEXT[state][step] ?? null;
}

export const STAFF_ROLES = ['support', 'admin'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

export interface StaffMember {
  readonly id: string;
  readonly role: StaffRole;
}

/** What one person may give without a second one, by that person's role. */
export type GrantsAlone = Readonly<Record<StaffRole, MicroCredits>>;

export const GRANTS_ALONE: GrantsAlone = { support: credits(100n), admin: credits(1_000n) };

export function needsSecondPerson(asked: MicroCredits, by: StaffRole, alone: GrantsAlone): boolean {
  return asked > alone[by];
}

/** Whoever may give on their own what others may not. */
export const GRANT_APPROVERS: readonly StaffRole[] = ['admin'];

/** Who may let through what somebody of the staff may not do alone. */
export function isSecondPerson(by: StaffMember, askedById: string): boolean {
  return by.id !== askedById && GRANT_APPROVERS.includes(by.role);
}

export type GrantVerdict = Extract<GrantStep, 'approve' | 'reject'>;

export interface GrantAsked {
  readonly state: GrantState;
  readonly askedById: string;
}

/** Anybody of the staff may stop a grant, also their own; another person than who asked must let it through. */
export function decideGrant(asked: GrantAsked, verdict: GrantVerdict, by: StaffMember): Outcome<GrantState> {
  const state = afterGrantStep(asked.state, verdict);
  if (state === null) return refuse({ code: 'grant_decided', state: asked.state });
  const isHeard = verdict === 'reject' || isSecondPerson(by, asked.askedById);
  return isHeard ? accept(state) : refuse({ code: 'second_person_needed' });
}
