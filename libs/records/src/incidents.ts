// Records room. Incidents: when something of ours or of a provider's is known to have failed. A loop is judged by them.
import type { Incident, IncidentScope, Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface IncidentToRecord extends Incident {
  readonly id: string;
  readonly description: string;
}

/** Recording the same again is nothing, but for its end, which may be known later. */
export async function recordIncident(tx: EntityManager, incident: IncidentToRecord): Promise<void> {
  const { id, from, until, scope, name, description } = incident;
  await tx.query(
    `INSERT INTO records.incidents (id, started_at, ended_at, scope, name, description)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at`,
    [id, new Date(from), until === null ? null : new Date(until), scope, name, description],
  );
}

interface IncidentRow {
  readonly id: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly scope: IncidentScope;
  readonly name: string | null;
}

type StaffIncidentRow = IncidentRow & { readonly description: string; readonly body_hash: string | null };

export interface StaffIncident extends IncidentToRecord {
  /** What was asked when it was written down; null of one that came by no request. */
  readonly bodyHash: string | null;
}

export interface NewIncidentRecord extends IncidentToRecord {
  readonly keyHash: string;
  readonly bodyHash: string;
}

const STAFF_INCIDENT = `SELECT id, started_at, ended_at, scope, name, description, body_hash FROM records.incidents`;

export async function saveNewIncident(tx: EntityManager, incident: NewIncidentRecord): Promise<void> {
  const { id, from, until, scope, name, description, keyHash, bodyHash } = incident;
  await tx.query(
    `INSERT INTO records.incidents (id, started_at, ended_at, scope, name, description, key_hash, body_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, new Date(from), until === null ? null : new Date(until), scope, name, description, keyHash, bodyHash],
  );
}

export async function findIncidentByKey(tx: EntityManager, keyHash: string): Promise<StaffIncident | null> {
  const [row] = await tx.query<StaffIncidentRow[]>(`${STAFF_INCIDENT} WHERE key_hash = $1`, [keyHash]);
  return row === undefined ? null : staffIncidentOf(row);
}

export async function findIncident(tx: EntityManager, id: string): Promise<StaffIncident | null> {
  const [row] = await tx.query<StaffIncidentRow[]>(`${STAFF_INCIDENT} WHERE id = $1`, [id]);
  return row === undefined ? null : staffIncidentOf(row);
}

/** The newest first. */
export async function listIncidents(
  tx: EntityManager,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<StaffIncident[]> {
  const rows = await tx.query<StaffIncidentRow[]>(
    `${STAFF_INCIDENT} WHERE $1::text IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [before, limit],
  );
  return rows.map(staffIncidentOf);
}

/** What may become known later: its end, and what it was. */
export async function changeIncident(
  tx: EntityManager,
  { id, until, description }: Pick<StaffIncident, 'id' | 'until' | 'description'>,
): Promise<void> {
  await tx.query('UPDATE records.incidents SET ended_at = $2, description = $3 WHERE id = $1', [
    ...[id, until === null ? null : new Date(until), description],
  ]);
}

/** Those that any part of the time lies in. */
export async function readIncidents(
  tx: EntityManager,
  time: { readonly from: Instant; readonly until: Instant },
): Promise<Incident[]> {
  const rows = await tx.query<IncidentRow[]>(
    `SELECT id, started_at, ended_at, scope, name FROM records.incidents
     WHERE started_at <= $2 AND (ended_at IS NULL OR ended_at > $1) ORDER BY started_at, id`,
    [new Date(time.from), new Date(time.until)],
  );
  return rows.map(incidentOf);
}

function staffIncidentOf(row: StaffIncidentRow): StaffIncident {
  return { ...incidentOf(row), description: row.description, bodyHash: row.body_hash };
}

function incidentOf(row: IncidentRow): Incident {
  return {
    id: row.id,
    from: instantOfDate(row.started_at),
    until: row.ended_at === null ? null : instantOfDate(row.ended_at),
    scope: row.scope,
    name: row.name,
  };
}
