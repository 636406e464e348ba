// Bench room, the ledger. The statements of the naive way: one purpose each, prepared by name, rows found by key.
export const LOCK = {
  name: 'naive-lock',
  text: `SELECT entry_seq, last_effective_at, debt, terms_rows, limit_rows, open_jobs, day_opened
    FROM ledger.scopes WHERE id = $1 FOR UPDATE`,
};

/** The clock is read behind the lock. */
export const KNOWN = {
  name: 'naive-known',
  text: `SELECT date_trunc('milliseconds', clock_timestamp()) AS now, o.body_hash, o.result
    FROM (SELECT $1::text AS key) asked LEFT JOIN ledger.operations o ON o.key = asked.key`,
};

const LOT = `lot.id, lot.kind, lot.granted, lot.open, lot.held, lot.valid_from, lot.expires_at, lot.source_ref,
  lot.opened_seq, lot.clawed_back`;

export const LIVE_LOTS = {
  name: 'naive-live-lots',
  text: `SELECT ${LOT} FROM ledger.lots lot WHERE lot.scope_id = $1 AND lot.alive AND lot.open > 0
    AND NOT lot.clawed_back AND (lot.expires_at IS NULL OR lot.expires_at > now())`,
};

export const COUNTERS = {
  name: 'naive-counters',
  text: 'SELECT id, kind, subject, period, period_start, used, held FROM ledger.counters WHERE id = ANY($1)',
};

/** A row per line, with its lot. */
export const HOLD = {
  name: 'naive-hold',
  text: `SELECT h.id AS hold_id, h.job_id, h.state, h.funding, h.public_may_use_bonus, h.limit_refs,
      line.line_no, line.held AS line_held, line.captured, line.reversed, ${LOT}
    FROM ledger.holds h JOIN ledger.hold_lines line ON line.hold_id = h.id JOIN ledger.lots lot ON lot.id = line.lot_id
    WHERE h.job_id = $1 ORDER BY line.line_no`,
};

export const HOLD_COUNTERS = {
  name: 'naive-hold-counters',
  text: `SELECT c.id, c.kind, c.subject, c.period, c.period_start, c.used, c.held, part.held AS part_held,
      part.used AS part_used FROM ledger.holds h JOIN ledger.hold_counters part ON part.hold_id = h.id
    JOIN ledger.counters c ON c.id = part.counter_id WHERE h.job_id = $1`,
};

export const JOB = {
  name: 'naive-job',
  text: `SELECT id, scope_id, account_id, bot_id, bot_type, key_hash, body_hash, workflow_id, run_id, trace_parent,
    request_kind, model, rate_card_id, prompt_ref, prompt_bytes, state, max_iterations, max_credits, held, created_at,
    program
    FROM ledger.jobs WHERE id = $1`,
};

export const PUT_SCOPE = {
  name: 'naive-put-scope',
  text: `UPDATE ledger.scopes SET entry_seq = $2, last_effective_at = $3, debt = $4, terms_rows = $5, limit_rows = $6,
    day_opened = $7, open_jobs = $8 WHERE id = $1`,
};

export const PUT_OPERATION = {
  name: 'naive-put-operation',
  text: `INSERT INTO ledger.operations (key, scope_id, account_id, verb, body_hash, body, result, effective_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
};

export const PUT_LOT = {
  name: 'naive-put-lot',
  text: 'UPDATE ledger.lots SET open = $2, held = $3, clawed_back = $4, alive = $5 WHERE id = $1',
};

export const PUT_HOLD = {
  name: 'naive-put-hold',
  text: `INSERT INTO ledger.holds (id, scope_id, account_id, job_id, state, funding, public_may_use_bonus, limit_refs)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET state = excluded.state`,
};

export const PUT_LINE = {
  name: 'naive-put-line',
  text: `INSERT INTO ledger.hold_lines (hold_id, line_no, account_id, lot_id, held, captured, reversed)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (hold_id, line_no)
    DO UPDATE SET held = excluded.held, captured = excluded.captured, reversed = excluded.reversed`,
};

export const PUT_COUNTER = {
  name: 'naive-put-counter',
  text: `INSERT INTO ledger.counters (id, scope_id, account_id, kind, subject, period, period_start, used, held)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET used = excluded.used, held = excluded.held`,
};

export const PUT_HOLD_COUNTER = {
  name: 'naive-put-hold-counter',
  text: `INSERT INTO ledger.hold_counters (hold_id, counter_id, account_id, held, used) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (hold_id, counter_id) DO UPDATE SET held = excluded.held, used = excluded.used`,
};

export const PUT_ENTRY = {
  name: 'naive-put-entry',
  text: `INSERT INTO ledger.entries (scope_id, scope_seq, account_id, operation_key, from_account, to_account, amount,
      lot_id, lot_open_after, lot_held_after, job_id, step_ordinal, effective_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};

export const NEW_JOB = {
  name: 'naive-new-job',
  text: `INSERT INTO ledger.jobs (id, scope_id, account_id, bot_id, bot_type, key_hash, body_hash, workflow_id, run_id,
      trace_parent, request_kind, model, rate_card_id, prompt_ref, prompt_bytes, state, max_iterations, max_credits,
      held, created_at, program)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
};

export const END_JOB = {
  name: 'naive-end-job',
  text: `UPDATE ledger.jobs SET state = $2, end_reason = $3, charge = $4, minimum_charge = $5, held = $6,
    started_at = $7, ended_at = $8 WHERE id = $1`,
};
