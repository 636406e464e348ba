// API room. Staff move credits and money of others: in an account of their own they are its members and nothing else.
import type { EntityManager } from '@fairmeter/platform/database';
import { readRole } from '@fairmeter/records';
import { ProblemError } from '../problems/problem-error.js';

export async function admitForOthers(tx: EntityManager, accountId: string, userId: string): Promise<void> {
  if ((await readRole(tx, accountId, userId)) === null) return;
  throw new ProblemError('forbidden', 'Nobody of the staff does this for an account of their own.');
}
