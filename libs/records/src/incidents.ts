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
  return rows.map((row) => ({
    id: row.id,
    from: instantOfDate(row.started_at),
    until: row.ended_at === null ? null : instantOfDate(row.ended_at),
    scope: row.scope,
    name: row.name,
  }));
}
