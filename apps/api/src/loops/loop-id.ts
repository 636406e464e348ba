// API room. How a loop is named outside: by its job, and by the number of the finding in it.
import type { LoopRef } from '@fairmeter/records';
import { z } from 'zod';
import { ProblemError } from '../problems/problem-error.js';

const LOOP_ID = /^(job_[0-9A-Za-z_-]{1,64})\.([1-9]\d{0,5})$/;

export const loopIdField = z.string().regex(LOOP_ID, 'must be the id of a loop').transform(refOf);

export function loopId({ jobId, number }: LoopRef): string {
  return `${jobId}.${number}`;
}

/** What does not look like an id is not looked for. */
export function readLoopId(text: string): LoopRef {
  if (!LOOP_ID.test(text)) throw noSuchLoop();
  return refOf(text);
}

export function noSuchLoop(): ProblemError {
  return new ProblemError('loop_not_found', 'There is no such loop.');
}

function refOf(text: string): LoopRef {
  const [, jobId = '', number] = LOOP_ID.exec(text) ?? [];
  return { jobId, number: Number(number) };
}
