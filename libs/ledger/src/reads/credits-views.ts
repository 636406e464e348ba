// Ledger room, read side. What a reader gets of a scope's credits, lots and entries: domain types, no wire forms.
import type { Instant, LotKind, MicroCredits } from '@fairmeter/domain';
import type { ToldPoint } from './scope-point.js';

export interface CreditFigures {
  /** Free to be held now. */
  readonly available: MicroCredits;
  /** Set aside for running jobs, also on lots that ended meanwhile. */
  readonly held: MicroCredits;
  /** Both together: what has been granted, has not ended and is not spent. */
  readonly total: MicroCredits;
}

/** The next dated lots to end, and how much of `available` goes with them. */
export interface NextEnd {
  readonly expiresAt: Instant;
  readonly amount: MicroCredits;
}

/** Credits of a period that has not begun: posted ahead, and not part of any figure before that. */
export interface NextPeriod {
  readonly startsAt: Instant;
  readonly amount: MicroCredits;
}

export interface DatedFigures extends CreditFigures {
  readonly nextEnd: NextEnd | null;
}

export interface BonusKindFigures extends DatedFigures {
  readonly kind: LotKind;
}

export interface CreditsView extends CreditFigures {
  /** Asked for again by it, the same is told. */
  readonly point: ToldPoint;
  readonly asOf: Instant;
  readonly entrySeq: bigint;
  readonly eventSeq: bigint;
  readonly daily: CreditFigures & { readonly nextResetAt: Instant | null };
  readonly subscription: CreditFigures & { readonly periodEnd: Instant | null; readonly next: NextPeriod | null };
  readonly bonus: DatedFigures & { readonly kinds: readonly BonusKindFigures[] };
  /** When time alone changes these figures next: a lot ends, or one that was granted ahead begins. */
  readonly nextChangeAt: Instant | null;
}

export type LotState = 'live' | 'upcoming' | 'used_up' | 'ended';

/** granted = open + held + spent + lapsed + clawedBack, at every instant. */
export interface LotView {
  readonly id: string;
  readonly kind: LotKind;
  readonly state: LotState;
  readonly granted: MicroCredits;
  /** Nothing on an ended lot: what was open then has lapsed, whether or not that has been written down yet. */
  readonly open: MicroCredits;
  readonly held: MicroCredits;
  readonly spent: MicroCredits;
  readonly lapsed: MicroCredits;
  readonly clawedBack: MicroCredits;
  readonly validFrom: Instant;
  readonly expiresAt: Instant | null;
  readonly sourceRef: string;
}

export interface EntryView {
  readonly seq: bigint;
  readonly from: string;
  readonly to: string;
  readonly amount: MicroCredits;
  readonly lot: EntryLot | null;
  readonly jobId: string | null;
  readonly stepOrdinal: number | null;
  readonly operationKey: string;
  readonly verb: string;
  readonly effectiveAt: Instant;
  readonly recordedAt: Instant;
}

export interface EntryLot {
  readonly id: string;
  readonly kind: LotKind;
  readonly openAfter: MicroCredits;
  readonly heldAfter: MicroCredits;
}
