// Test harness. What is asked of a scope that is kept twice, and the answers that both sides must give.
import type { Outcome } from '@fairmeter/domain';
import { accept } from '@fairmeter/domain';
import type { LedgerOrder } from './random-orders.js';

export type Answer = Outcome<{ readonly result: object; readonly replayed: boolean }>;

export interface Given {
  readonly verb: LedgerOrder['verb'];
  readonly expected: Answer;
  readonly ask: () => Promise<Answer>;
}

/** The fields of a body by name, each as a text: what differs first is what a refusal names. */
export type Body = readonly (readonly [field: string, text: string])[];

export interface Both {
  readonly decide: () => Outcome<object>;
  readonly ask: Given['ask'];
  readonly body?: Body;
}

export function given(verb: LedgerOrder['verb'], expected: Outcome<object>, ask: Given['ask']): Given {
  return { verb, ask, expected: withReplayed(expected, false) };
}

export function withReplayed(outcome: Outcome<object>, replayed: boolean): Answer {
  return outcome.ok ? accept({ result: outcome.value, replayed }) : outcome;
}
