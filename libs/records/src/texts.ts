// Records room. Texts by reference: a prompt or an answer is written once under an id that follows from what it is.
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import type { AnswerTold } from './kept-answers.js';

/** The same request has the same prompt under the same id, however often it is sent. */
export function promptRef(keyHash: string, bodyHash: string): string {
  return `txt_p_${keyHash.slice(0, 40)}${bodyHash.slice(0, 16)}`;
}

/** The files that came along with that prompt. */
export function contextRef(keyHash: string, bodyHash: string): string {
  return `txt_c_${keyHash.slice(0, 40)}${bodyHash.slice(0, 16)}`;
}

/** One answer per attempt of a step: a repeated write meets itself. */
export function answerRef(jobId: string, ordinal: number, attempt: number): string {
  return `txt_a_${jobId}_${ordinal}_${attempt}`;
}

const ANSWER_REF = /^txt_a_(job_.+)_\d+_\d+$/;

/** Null for what is no answer. */
export function jobOfAnswer(ref: string): string | null {
  return ANSWER_REF.exec(ref)?.[1] ?? null;
}

/** Under which somebody of the staff writes and reads: never as one of the account. */
export function staffSubject(userId: string): string {
  return `staff/${userId}`;
}

export interface TextToSave {
  readonly id: string;
  readonly accountId: string;
  readonly subject: string;
  /** What came with the request, files too, is its prompt; what somebody says for a change is its reason. */
  readonly purpose: 'prompt' | 'answer' | 'reason';
  readonly body: string;
  /** Of a prompt: the same for the same action on the same content. */
  readonly askedHash?: string;
  /** Of a model's answer: what came along with it. */
  readonly told?: AnswerTold;
}

export async function saveText(tx: EntityManager, text: TextToSave): Promise<void> {
  await tx.query(
    plannedOnce(`INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes, asked_hash, told)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`),
    [
      text.id,
      text.accountId,
      text.subject,
      text.purpose,
      storedText(text.body),
      byteLength(text.body),
      text.askedHash ?? null,
      text.told === undefined ? null : JSON.stringify(text.told),
    ],
  );
}

/**
 * As it comes back: Postgres text holds no NUL and no half of a surrogate pair, and the mark says that something stood
 * there.
 */
export function storedText(body: string): string {
  return Buffer.from(body.replaceAll('\0', '\uFFFD'), 'utf8').toString('utf8');
}

export async function readTexts(tx: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  // Read often, and large: the two columns it takes, without building entities.
  const rows = await tx.query<{ id: string; body: string }[]>(
    'SELECT id, body FROM records.texts WHERE id = ANY ($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.body]));
}

/** What each prompt asks for; one that was deleted, or is of before it was kept, is not among them. */
export async function readAskedHashes(
  tx: EntityManager,
  promptRefs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; asked_hash: string }[]>(
    'SELECT id, asked_hash FROM records.texts WHERE id = ANY ($1) AND asked_hash IS NOT NULL',
    [promptRefs],
  );
  return new Map(rows.map((row) => [row.id, row.asked_hash]));
}

/** Some at a time, so that no statement takes long, each found by its id; says how many went. */
export async function eraseTexts(
  tx: EntityManager,
  { accountId, subject }: Pick<TextToSave, 'accountId' | 'subject'>,
): Promise<number> {
  const rows = await tx.query<unknown[][]>(
    `DELETE FROM records.texts WHERE id = ANY (ARRAY(
       SELECT id FROM records.texts WHERE account_id = $1 AND subject = $2 LIMIT 500)) RETURNING id`,
    [accountId, subject],
  );
  return rows[0]?.length ?? 0;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
