// Goal: what came of people's requests before it was kept as their own becomes their own, and nobody else's does.
// Method: a database as it was, one job of a person and one of a key with the same file, and the migration.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import type { DatabaseOfBefore } from './database-of-before.js';
import { databaseOfBefore } from './database-of-before.js';

/** The first that knows whose they are. */
const OWN_SINCE = 1763700000035;
const SHA = 'a'.repeat(64);

const OF_A_JOB = `
INSERT INTO ledger.jobs (id, scope_id, account_id, bot_id, bot_type, key_hash, body_hash, workflow_id, run_id,
  trace_parent, request_kind, model, rate_card_id, prompt_ref, prompt_bytes, state, max_iterations, max_credits,
  created_at, program, requester_kind, requester_id)
VALUES ($1, 'account/acc_1', 'acc_1', 'bot_1', 'coding', $1, 'b', 'w', 'r', 't', 'code', 'm', 'c', 'p', 1, 'running', 1,
  1, now(), 'workspace', $2, $3);`;
const STEP = `
INSERT INTO ledger.steps (job_id, ordinal, account_id, iteration, kind, stage, model, state, result_ref, started_at)
VALUES ($1, 1, 'acc_1', 1, 'model', 'agent', 'm', 'ended', 'txt_a_' || $1 || '_1_1', now());`;
const TEXT = `
INSERT INTO records.texts (id, account_id, subject, purpose, body, bytes)
VALUES ('txt_a_' || $1 || '_1_1', 'acc_1', 'bot_1', 'answer', 'an answer', 9);`;
const TREE = `
INSERT INTO records.workspace_trees (job_id, hash, account_id, subject, entries)
VALUES ($1, '${SHA}', 'acc_1', 'bot_1', '[{"path": "a.js", "sha256": "${SHA}", "bytes": 1}]');`;
const BLOB = `
INSERT INTO records.workspace_blobs (account_id, subject, sha256, body, bytes)
VALUES ('acc_1', 'bot_1', '${SHA}', 'x', 1);`;

describe('answers and files of before', () => {
  let database: DatabaseOfBefore;
  beforeAll(async () => {
    database = await databaseOfBefore(OWN_SINCE, async (client) => {
      for (const [jobId, kind, id] of [
        ['job_person', 'person', 'usr_1'],
        ['job_key', 'bot', 'key_1'],
      ]) {
        await client.query(OF_A_JOB, [jobId, kind, id]);
        for (const sql of [STEP, TEXT, TREE]) await client.query(sql, [jobId]);
      }
      await client.query(BLOB);
    });
  }, 60_000);
  afterAll(async () => {
    await database.drop();
  }, 60_000);

  const subjects = async (sql: string): Promise<string[]> =>
    withClient(database.ownerUrl, async (client) =>
      (await client.query<{ told: string }>(sql)).rows.map(({ told }) => told),
    );

  it('are the own ones of whoever asked, and the bot\u2019s where a key did', async () => {
    expect(await subjects(`SELECT id || ' ' || subject AS told FROM records.texts ORDER BY id`)).toEqual([
      'txt_a_job_key_1_1 bot_1',
      'txt_a_job_person_1_1 usr_1',
    ]);
    expect(await subjects(`SELECT job_id || ' ' || subject AS told FROM records.workspace_trees ORDER BY 1`)).toEqual([
      'job_key bot_1',
      'job_person usr_1',
    ]);
    expect(await subjects('SELECT subject AS told FROM records.workspace_blobs ORDER BY 1')).toEqual([
      'bot_1',
      'usr_1',
    ]);
  });
});
