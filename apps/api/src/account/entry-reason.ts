// API room. Why an entry moved credits, in one word for programs and one sentence for people. What it moved between
// says it: the accounts of the double entry have a meaning each.
import type { EntryView } from '@fairmeter/ledger/reads';

export const MOVEMENTS = [
  'granted',
  'set_aside',
  'given_back',
  'charged',
  'refunded',
  'lapsed',
  'clawed_back',
  'written_off',
  'debt_paid',
  'debt_raised',
] as const;
export type Movement = (typeof MOVEMENTS)[number];

type Sides = Pick<EntryView, 'from' | 'to'>;

export function movementOf({ from, to }: Sides): Movement {
  if (from.startsWith('issued:')) return 'granted';
  if (from === 'written_off') return 'written_off';
  if (from.startsWith('debt:')) return 'debt_raised';
  if (from.startsWith('consumed:')) return 'refunded';
  if (to.startsWith('consumed:')) return 'charged';
  if (to.startsWith('debt:')) return 'debt_paid';
  if (to === 'lapsed') return 'lapsed';
  if (to === 'clawed_back') return 'clawed_back';
  return to.endsWith(':held') ? 'set_aside' : 'given_back';
}

const SENTENCES: { readonly [M in Movement]: (what: string) => string } = {
  granted: () => 'Granted.',
  set_aside: (what) => `Set aside for ${what}.`,
  given_back: (what) => `Given back by ${what}.`,
  charged: (what) => `Charged for ${what}.`,
  refunded: (what) => `Refunded for ${what}.`,
  lapsed: () => 'Lapsed with the end of its lot.',
  clawed_back: () => 'Taken back: its payment was reversed, or its period does not begin.',
  written_off: (what) => `Not charged: the platform bears this part of ${what}.`,
  debt_paid: () => 'Paid what was owed.',
  debt_raised: () => 'Owed: its payment was reversed after it was spent.',
};

/** Of the operation by which staff put a slip of theirs right. */
const CORRECTED = 'Taken back: it was given by mistake.';

export function reasonOf(entry: Sides & Pick<EntryView, 'jobId' | 'stepOrdinal' | 'verb'>): string {
  if (entry.verb === 'correct') return CORRECTED;
  return SENTENCES[movementOf(entry)](subjectOf(entry));
}

function subjectOf({ jobId, stepOrdinal }: Pick<EntryView, 'jobId' | 'stepOrdinal'>): string {
  if (jobId === null) return 'the account';
  return stepOrdinal === null ? `job ${jobId}` : `step ${stepOrdinal} of job ${jobId}`;
}
