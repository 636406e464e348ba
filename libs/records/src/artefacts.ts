// Records room. The ZIP of a job: its figures for good, its bytes until it expires.
import type { Instant } from '@fairmeter/domain';
import { instant, instantOfDate, instantToText } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { WorkspaceOwner } from './workspaces.js';

/** How long a ZIP is kept where nothing else is configured. */
export const ARTEFACT_DAYS = 30;
const DAY_MS = 86_400_000;

/** A job has one artefact at most: a repeated packaging step meets itself. */
export function artefactRef(jobId: string): string {
  return `art_${jobId.replace(/^job_/, '')}`;
}

export function artefactExpiry(createdAt: Instant, days: number = ARTEFACT_DAYS): Instant {
  return instant(createdAt + days * DAY_MS);
}

/** What was over before that has expired by now. */
export function keptSince(now: Instant, days: number = ARTEFACT_DAYS): Instant {
  return instant(now - days * DAY_MS);
}

export interface ArtefactToSave extends WorkspaceOwner {
  readonly jobId: string;
  /** Entries of the ZIP. */
  readonly files: number;
  readonly sha256: string;
  readonly body: Uint8Array;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

export interface ArtefactView {
  readonly id: string;
  readonly jobId: string;
  readonly files: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** What is stored under the job stays: bytes, figures and expiry are of one moment. */
export async function saveArtefact(tx: EntityManager, artefact: ArtefactToSave): Promise<string> {
  const id = artefactRef(artefact.jobId);
  await tx.query(
    `INSERT INTO records.artefacts
       (id, job_id, account_id, subject, files, bytes, sha256, body, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, octet_length($7::bytea), $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
    [
      id,
      artefact.jobId,
      artefact.accountId,
      artefact.subject,
      artefact.files,
      artefact.sha256,
      // The driver sends a Buffer as bytea; any other array of bytes it would send as a Postgres array.
      Buffer.from(artefact.body.buffer, artefact.body.byteOffset, artefact.body.byteLength),
      instantToText(artefact.createdAt),
      instantToText(artefact.expiresAt),
    ],
  );
  return id;
}

interface ArtefactFigures {
  readonly id: string;
  readonly job_id: string;
  readonly files: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly created_at: Date;
  readonly expires_at: Date;
}

const FIGURES = 'id, job_id, files, bytes, sha256, created_at, expires_at';

export async function findArtefact(tx: EntityManager, jobId: string): Promise<ArtefactView | null> {
  const rows = await tx.query<ArtefactFigures[]>(`SELECT ${FIGURES} FROM records.artefacts WHERE job_id = $1`, [jobId]);
  return rows[0] === undefined ? null : viewOf(rows[0]);
}

/** Null once it was swept. Whether it has expired is the caller's to say, by its own clock. */
export async function readArtefactBody(tx: EntityManager, id: string): Promise<Uint8Array | null> {
  const rows = await tx.query<{ body: Buffer | null }[]>('SELECT body FROM records.artefacts WHERE id = $1', [id]);
  return rows[0]?.body ?? null;
}

/** Frees the bytes of what has expired, the oldest first; the figures stay. Says how many. */
export async function sweepArtefacts(tx: EntityManager, asOf: Instant, most = 100): Promise<number> {
  const [swept] = await tx.query<{ count: number }[]>(
    `WITH ended AS (
       SELECT id FROM records.artefacts WHERE expires_at <= $1 AND body IS NOT NULL
       ORDER BY expires_at, id LIMIT $2 FOR UPDATE SKIP LOCKED),
     emptied AS (
       UPDATE records.artefacts a SET body = NULL FROM ended WHERE a.id = ended.id RETURNING a.id)
     SELECT count(*)::int AS count FROM emptied`,
    [instantToText(asOf), most],
  );
  return swept?.count ?? 0;
}

function viewOf(row: ArtefactFigures): ArtefactView {
  return {
    id: row.id,
    jobId: row.job_id,
    files: row.files,
    bytes: row.bytes,
    sha256: row.sha256,
    createdAt: instantOfDate(row.created_at),
    expiresAt: instantOfDate(row.expires_at),
  };
}
