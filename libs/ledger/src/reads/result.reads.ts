// Ledger room, read side. Where records keeps what a job has brought so far: its answer, and its files.
import type { Stage } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface AnswerPlace {
  readonly ordinal: number;
  readonly stage: Stage;
  readonly resultRef: string;
  readonly bytes: number;
}

export interface ResultPlace {
  /** The last text that a model wrote for whoever asked; a review and its verdict are none. */
  readonly answer: AnswerPlace | null;
  /** The files as they are now, by the hash of their tree. */
  readonly tree: string | null;
}

const ANSWERING: readonly Stage[] = ['answer', 'generate', 'repair', 'clarify'];

export async function readResultPlace(tx: EntityManager, jobId: string): Promise<ResultPlace> {
  const [answer] = await tx.query<{ ordinal: number; stage: Stage; result_ref: string; result_bytes: number }[]>(
    `SELECT ordinal, stage, result_ref, result_bytes FROM ledger.steps
     WHERE job_id = $1 AND result_ref IS NOT NULL AND stage = ANY ($2) ORDER BY ordinal DESC LIMIT 1`,
    [jobId, ANSWERING],
  );
  const [files] = await tx.query<{ tree: string }[]>(
    `SELECT report ->> 'tree' AS tree FROM ledger.steps
     WHERE job_id = $1 AND report ? 'tree' ORDER BY ordinal DESC LIMIT 1`,
    [jobId],
  );
  return {
    answer:
      answer === undefined
        ? null
        : { ordinal: answer.ordinal, stage: answer.stage, resultRef: answer.result_ref, bytes: answer.result_bytes },
    tree: files?.tree ?? null,
  };
}
