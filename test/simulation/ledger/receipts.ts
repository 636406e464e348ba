// Simulation. What callers were told, kept outside the ledger: what they may hold it to afterwards.
import { canonicalJson, type JsonValue } from '@fairmeter/domain';
import type { PostOutcome } from '@fairmeter/ledger';
import type { LedgerRequest } from './request.js';

export interface Receipt {
  readonly key: string;
  readonly request: LedgerRequest;
  /** As JSON in canonical form, as it is kept with the operation. */
  readonly answer: string;
  readonly result: object;
}

export class Receipts {
  /** The body that a key was first asked with; one with another body must never be applied. */
  readonly asked = new Map<string, LedgerRequest>();
  readonly applied = new Map<string, Receipt>();
  readonly problems: string[] = [];
  private readonly appliedFreshly = new Set<string>();
  private readonly wentUnknown = new Set<string>();
  readonly counts = { asked: 0, applied: 0, replayed: 0, refused: 0, unknown: 0 };

  asking(key: string, request: LedgerRequest): void {
    this.counts.asked += 1;
    if (!this.asked.has(key)) this.asked.set(key, request);
  }

  unknown(key: string): void {
    this.counts.unknown += 1;
    this.wentUnknown.add(key);
  }

  answered(key: string, request: LedgerRequest, outcome: PostOutcome<object>): void {
    if (!outcome.ok) {
      this.counts.refused += 1;
      return;
    }
    const { result, replayed } = outcome.value;
    this.counts[replayed ? 'replayed' : 'applied'] += 1;
    const answer = canonicalJson(result as JsonValue);
    const known = this.applied.get(key);
    if (known !== undefined && known.answer !== answer) {
      this.problems.push(`${key} was answered ${known.answer} and later ${answer}`);
    }
    if (!replayed && this.appliedFreshly.has(key)) this.problems.push(`${key} was applied twice`);
    if (!replayed) this.appliedFreshly.add(key);
    if (known === undefined) this.applied.set(key, { key, request, answer, result });
  }

  /** A first answer that calls itself a repeated one is honest only where an earlier answer was lost. */
  neverApplied(): string[] {
    return [...this.applied.keys()]
      .filter((key) => !this.appliedFreshly.has(key) && !this.wentUnknown.has(key))
      .map((key) => `${key} was replayed and never applied`);
  }

  /** Accounts that are not asked for anything more need not be remembered. */
  forget(isDone: (request: LedgerRequest) => boolean): void {
    for (const [key, request] of this.asked) {
      if (!isDone(request)) continue;
      this.asked.delete(key);
      this.applied.delete(key);
      this.appliedFreshly.delete(key);
      this.wentUnknown.delete(key);
    }
  }
}
