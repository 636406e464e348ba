// Simulation. A writing process as callers see it: it answers, or nobody knows. What can only be a bug of the ledger is
// told apart from what faults may do.
import { InvariantViolation } from '@fairmeter/domain';
import type { PostOutcome } from '@fairmeter/ledger';
import type { LedgerRequest } from '../ledger/request.js';

export type Told =
  | { readonly kind: 'answered'; readonly outcome: PostOutcome<object> }
  /** The world failed: only the key can tell whether it was done. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'broken'; readonly why: string };

export interface Writer {
  readonly ask: (request: LedgerRequest) => Promise<Told>;
  readonly close: () => Promise<void>;
}

/** Statements that are wrong, rows that break a constraint, deadlocks and whatever our triggers raise. */
const NEVER_BY_FAULTS = /^(?:2[0-9A-Z]|4[0-9A-Z]|P0|FM|XX)/;

export async function toldBy(asked: Promise<PostOutcome<object>>): Promise<Told> {
  try {
    return { kind: 'answered', outcome: await asked };
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind: isBug(error) ? 'broken' : 'unknown', why };
  }
}

function isBug(error: unknown): boolean {
  if (error instanceof InvariantViolation || error instanceof TypeError || error instanceof RangeError) return true;
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && code.length === 5 && NEVER_BY_FAULTS.test(code);
}
