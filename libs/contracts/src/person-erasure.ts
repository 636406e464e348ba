// Contracts room. A person asks to be forgotten: memberships, sessions and keys end, what names the person and the
// person's words go, figures stay under an id that leads to nobody. Ids alone cross Temporal.
import { defineUpdate } from '@temporalio/workflow';
import type { OpenWork } from './visitor-erasure.js';

export const PERSON_ERASURE_WORKFLOW = 'personErasure';

/** One person is forgotten once, however often it is asked. */
export function personErasureWorkflowId(userId: string): string {
  return `erase/${userId}`;
}

export interface PersonErasureInput {
  readonly userId: string;
  readonly requestId: string;
}

/** An account is never without an owner: the last one hands it over or closes it first. */
export type PersonErasureAnswer =
  { readonly state: 'erased' } | { readonly state: 'last_owner'; readonly accountIds: readonly string[] };

/** Answers once nothing of the person's words is left, or at once where the person has to stay. */
export const personErasedUpdate = defineUpdate<PersonErasureAnswer>('personErased');

/** Each a short idempotent transaction. */
export interface PersonErasureActivities {
  /** All or nothing: where the person is the last owner of an account that is not closed, nothing has changed. */
  leaveAccounts(input: PersonErasureInput): Promise<{ readonly lastOwnerOf: readonly string[] }>;
  openWorkOfPerson(input: PersonErasureInput): Promise<OpenWork>;
  /** Some at a time; false once nothing is left. */
  eraseWordsOfPerson(input: PersonErasureInput): Promise<boolean>;
}
