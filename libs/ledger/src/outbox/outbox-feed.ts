// Ledger room. The outbox as its consumers take it: scope by scope, in order, each with a cursor of its own. An event
// is handed out at least once: a consumer that dies between its work and its cursor gets it again.
import type { Instant } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { Listening, Transaction, WriterDatabase } from '@fairmeter/platform/database';
import { endsAfter } from '../rows/lot-ends.js';
import { OUTBOX_CHANNEL } from '../store/outbox-channel.js';

export interface OutboxEvent {
  /** With its scope this names the event for good. */
  readonly seq: bigint;
  readonly accountId: string;
  readonly jobId: string | null;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly at: Instant;
}

export interface FeedReader {
  /** Names its cursors. */
  readonly name: string;
  /** Which scopes matter to it: those in which a job waits, or all. */
  readonly follows: 'waiting_jobs' | 'all_scopes';
  /** It cares for what is, and not for what happened: of many events it is handed the newest alone. */
  readonly takes?: 'newest';
  /** What happened before is no news to it. */
  readonly since?: Instant | undefined;
}

/** `taken`: another process is at it. */
export type Taken = 'handled' | 'nothing' | 'taken';

export interface WaitingJob {
  readonly jobId: string;
  readonly workflowId: string;
}

interface EventRow {
  readonly seq: bigint;
  readonly accountId: string;
  readonly jobId: string | null;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

const EVENTS_MAX = 500;
const SCOPES_MAX = 500;

export class OutboxFeed {
  constructor(private readonly database: WriterDatabase) {}

  /** Hears of every scope in which something was committed; `onReconnect` may have missed some. */
  async listen(onScope: (scopeId: string) => void, onReconnect: () => void): Promise<Listening> {
    return this.database.listen({ channel: OUTBOX_CHANNEL, onMessage: onScope, onReconnect });
  }

  /** Scopes with events that this reader has not taken: of those named, or wherever there are any. */
  async due(reader: FeedReader, scopeIds: readonly string[] | null): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>({
      // Asked many times a second: planning it each time costs more than it does.
      name: `outbox-due-${reader.follows}`,
      text: DUE[reader.follows],
      values: [reader.name, scopeIds, SCOPES_MAX],
    });
    return rows.map((row) => row.id);
  }

  /** Hands over the next events of the scope, and moves the cursor once they are handled. */
  async take(
    reader: FeedReader,
    scopeId: string,
    handle: (events: readonly OutboxEvent[]) => Promise<void>,
  ): Promise<Taken> {
    await this.database.query({ text: FIRST_CURSOR, values: [reader.name, scopeId] });
    return this.database.transaction(async (tx) => {
      const [cursor] = await tx.query<{ seq: bigint }>({ text: CURSOR, values: [reader.name, scopeId] });
      if (cursor === undefined) return 'taken';
      const after = await startOf(tx, reader, { scopeId, seq: cursor.seq });
      const [text, most] = reader.takes === 'newest' ? [NEWEST, 1] : [EVENTS, EVENTS_MAX];
      const rows = await tx.query<EventRow>({ text, values: [scopeId, after.toString(), most] });
      const last = rows.at(-1);
      if (last === undefined) {
        // Else the scope would be due for ever.
        if (reader.since !== undefined)
          await tx.query({ text: MOVE, values: [reader.name, scopeId, after.toString()] });
        return 'nothing';
      }
      await handle(rows.map((row) => ({ ...row, at: instant(row.at.getTime()) })));
      await tx.query({ text: MOVE, values: [reader.name, scopeId, last.seq.toString()] });
      return 'handled';
    });
  }

  /** Of all scopes, or of those named: the accounts' own, and those of whoever is at their bots. */
  async scopesOf(accountIds: readonly string[], among: readonly string[] | null): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>({
      text: among === null ? SCOPES_OF : NAMED_SCOPES_OF,
      values: among === null ? [accountIds] : [accountIds, among],
    });
    return rows.map(({ id }) => id);
  }

  /**
   * Jobs of the scope for which there may be enough now, the ones that have waited longest first. What waits for room
   * under a limit cannot be told from the lots; a step that begins elsewhere hardly ever makes any.
   */
  async waitingJobs(scopeId: string, wish: { readonly forCreditsOnly: boolean }): Promise<WaitingJob[]> {
    return this.database.query<{ jobId: string; workflowId: string }>({
      text: WAITING_JOBS,
      values: [scopeId, wish.forCreditsOnly],
    });
  }
}

/** What happened before the last pause of any waiting job was decided upon is no news to it. */
async function startOf(
  tx: Transaction,
  { follows, since }: FeedReader,
  { scopeId, seq }: { readonly scopeId: string; readonly seq: bigint },
): Promise<bigint> {
  if (since !== undefined) {
    const [old] = await tx.query<{ seq: bigint }>({
      text: LAST_BEFORE,
      values: [scopeId, seq.toString(), new Date(since).toISOString()],
    });
    return old?.seq ?? seq;
  }
  if (follows === 'all_scopes') return seq;
  const [pauses] = await tx.query<{ first: bigint | null }>({ text: FIRST_PAUSE, values: [scopeId] });
  const before = (pauses?.first ?? 0n) - 1n;
  return before > seq ? before : seq;
}

const BEHIND = `LEFT JOIN ledger.outbox_cursors c ON c.consumer = $1 AND c.scope_id = s.id
  WHERE ($2::text[] IS NULL OR s.id = ANY ($2)) AND s.outbox_seq > coalesce(c.scope_seq, 0)`;

const DUE: Readonly<Record<FeedReader['follows'], string>> = {
  all_scopes: `SELECT s.id FROM ledger.scopes s ${BEHIND} LIMIT $3`,
  waiting_jobs: `SELECT s.id FROM (SELECT DISTINCT scope_id FROM ledger.jobs WHERE waiting IS NOT NULL
      AND ($2::text[] IS NULL OR scope_id = ANY ($2))) j
    JOIN ledger.scopes s ON s.id = j.scope_id ${BEHIND} LIMIT $3`,
};

const SCOPES_OF = `SELECT id FROM ledger.scopes WHERE account_id = ANY ($1)`;

// Where a bot has moved, its visitors' events say whose they are by now.
const NAMED_SCOPES_OF = `SELECT s.id FROM ledger.scopes s
  JOIN ledger.outbox o ON o.scope_id = s.id AND o.scope_seq = s.outbox_seq
  WHERE s.id = ANY ($2) AND (s.account_id = ANY ($1) OR o.account_id = ANY ($1))`;

// Time never runs back in a scope, so the newest one of before is found from the end.
const LAST_BEFORE = `SELECT scope_seq AS seq FROM ledger.outbox
  WHERE scope_id = $1 AND scope_seq > $2 AND effective_at < $3 ORDER BY scope_seq DESC LIMIT 1`;

const FIRST_CURSOR = `INSERT INTO ledger.outbox_cursors (consumer, scope_id, scope_seq) VALUES ($1, $2, 0)
  ON CONFLICT DO NOTHING`;

const CURSOR = `SELECT scope_seq AS seq FROM ledger.outbox_cursors WHERE consumer = $1 AND scope_id = $2
  FOR UPDATE SKIP LOCKED`;

const AFTER = `SELECT scope_seq AS seq, account_id AS "accountId", job_id AS "jobId", type, payload, effective_at AS at
  FROM ledger.outbox WHERE scope_id = $1 AND scope_seq > $2 ORDER BY scope_seq`;
const EVENTS = `${AFTER} LIMIT $3`;
const NEWEST = `${AFTER} DESC LIMIT $3`;

const MOVE = `UPDATE ledger.outbox_cursors SET scope_seq = $3, moved_at = clock_timestamp()
  WHERE consumer = $1 AND scope_id = $2`;

const FIRST_PAUSE = `SELECT min(last.seq) AS first FROM ledger.jobs j CROSS JOIN LATERAL (
    SELECT scope_seq AS seq FROM ledger.outbox o WHERE o.job_id = j.id AND o.type = 'job.awaiting_credits'
    ORDER BY scope_seq DESC LIMIT 1) last
  WHERE j.scope_id = $1 AND j.waiting IS NOT NULL`;

const WAITING_JOBS = `WITH scope AS (SELECT greatest(clock_timestamp(), last_effective_at) AS now
    FROM ledger.scopes WHERE id = $1),
  lots AS (SELECT coalesce(sum(l.open), 0) AS open FROM ledger.lots l, scope WHERE l.scope_id = $1 AND l.alive
    AND NOT l.clawed_back AND l.valid_from <= scope.now AND ${endsAfter('scope.now', 'l')})
  SELECT j.id AS "jobId", j.workflow_id AS "workflowId" FROM ledger.jobs j, lots
  WHERE j.scope_id = $1 AND j.waiting IS NOT NULL AND CASE WHEN j.waiting ->> 'code' = 'credits_exhausted'
    THEN (j.waiting ->> 'required')::bigint <= j.held + lots.open ELSE NOT $2::boolean END
  ORDER BY (j.waiting ->> 'since')::bigint, j.id`;
