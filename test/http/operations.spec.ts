// Drift and alerts as the staff see them: found by passes of reconciliation, closed by a person with a reason, and told
// as figures to whoever measures.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listDrift, touchWorker } from '@fairmeter/records';
import { newId } from '@fairmeter/platform/database';
import { openBot } from '../harness/people.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';

type Row = Readonly<Record<string, unknown>>;

describe('operations', () => {
  let stack: TestStack;
  let issuer: TestIssuer;
  let admin: StaffClient;
  let support: StaffClient;
  let accountId: string;
  const jobs = [newId('job'), newId('job'), newId('job')];

  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
    await stack.startApi();
    admin = StaffClient.of(stack, issuer, 'admin');
    support = StaffClient.of(stack, issuer, 'support');
    await Promise.all([admin.userId(), support.userId()]);
    accountId = (await openBot(stack)).accountId;
    const found = jobs.map((jobId, index) => ({
      kind: 'attempt_unmetered' as const,
      subject: `${jobId}/1/1`,
      accountId,
      figures: { counted_input_tokens: 10 + index },
    }));
    expect(await listDrift(stack.entities.manager, found)).toBe(3);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  async function drift(query: string, by = support): Promise<readonly Row[]> {
    const { status, body } = await by.call('GET', `/v1/admin/drift${query}`);
    expect(status).toBe(200);
    return body['data'] as Row[];
  }

  const alertCodes = async (): Promise<readonly unknown[]> =>
    ((await support.call('GET', '/v1/admin/alerts')).body['data'] as Row[]).map(({ code }) => code);

  const metric = async (code: string): Promise<string | undefined> => {
    const text = await (await fetch(`${stack.apiUrl}/metrics`)).text();
    return new RegExp(`^fairmeter_alert\\{code="${code}"[^}]*\\} (.+)$`, 'm').exec(text)?.[1];
  };

  it('[F25, edge 48] list drift once, page by page, for staff alone', async () => {
    const { manager } = stack.entities;
    const again = { kind: 'attempt_unmetered' as const, subject: `${jobs[0]}/1/1`, accountId, figures: {} };
    expect(await listDrift(manager, [again])).toBe(0);
    const first = await support.call('GET', '/v1/admin/drift?kind=attempt_unmetered&limit=2');
    const next = String(first.body['next_cursor']);
    const subjects = [...(first.body['data'] as Row[]), ...(await drift(`?kind=attempt_unmetered&cursor=${next}`))];
    expect(subjects.map(({ subject }) => subject)).toEqual([...jobs].reverse().map((jobId) => `${jobId}/1/1`));
    expect(await drift(`?account_id=${newId('acc')}`)).toEqual([]);
    const key = (await openBot(stack)).key;
    const stranger = await fetch(`${stack.apiUrl}/v1/admin/drift`, { headers: { authorization: `Bearer ${key}` } });
    expect(stranger.status).toBe(403);
  });

  it('[F26] are closed by a person with a reason, once, and the audit keeps who and why', async () => {
    const [row] = await drift(`?account_id=${accountId}&state=open&limit=1`);
    const path = `/v1/admin/drift/${String(row?.['id'])}/resolve`;
    expect((await support.call('POST', path, { body: { reason: 'mine' } })).status).toBe(403);
    expect((await admin.call('POST', path, { body: {} })).status).toBe(422);
    const closed = await admin.call('POST', path, { body: { reason: 'The provider told it later.' } });
    expect(closed.body).toMatchObject({ done: 'listed', reason: 'The provider told it later.' });
    expect(closed.body['resolved_by']).toBe(await admin.userId());
    expect((await admin.call('POST', path, { body: { reason: 'once more' } })).body).toEqual(closed.body);
    const other = StaffClient.of(stack, issuer, 'admin');
    const late = await other.call('POST', path, { body: { reason: 'me too' } });
    expect([late.status, late.body['code']]).toEqual([409, 'drift_resolved']);
    const missing = await admin.call('POST', '/v1/admin/drift/dft_none/resolve', { body: { reason: 'x' } });
    expect([missing.status, missing.body['code']]).toEqual([404, 'drift_not_found']);
    const lines = await stack.entities.manager.query<Row[]>(
      `SELECT a.actor_role, a.action, t.body FROM records.audit a JOIN records.texts t ON t.id = a.reason_ref
       WHERE a.target_id = $1`,
      [row?.['id']],
    );
    expect(lines).toEqual([{ actor_role: 'admin', action: 'drift.resolved', body: 'The provider told it later.' }]);
    // A fact of the past is not listed again because somebody closed it.
    const { subject } = row as { subject: string };
    const again = { kind: 'attempt_unmetered' as const, subject, accountId, figures: {} };
    expect(await listDrift(stack.entities.manager, [again])).toBe(0);
  });

  it('[edge 13] raise an alert where the clock of a process is off by more than two seconds', async () => {
    const { manager } = stack.entities;
    expect(await alertCodes()).toEqual(['drift_open']);
    const worker = { id: newId('wrk'), version: 'test', signs: {} };
    await touchWorker(manager, { ...worker, now: () => Date.now() + 1_500 });
    expect(await alertCodes()).toEqual(['drift_open']);
    expect(await metric('clock_skew')).toBe('0');
    await touchWorker(manager, { ...worker, now: () => Date.now() - 10_000 });
    expect(await alertCodes()).toEqual(['drift_open', 'clock_skew']);
    expect(Number(await metric('clock_skew'))).toBeGreaterThan(2_000);
    await touchWorker(manager, { ...worker, now: () => Date.now(), signs: { ledger_busy: { count: 2, agoMs: 10 } } });
    expect(await alertCodes()).toEqual(['drift_open', 'ledger_busy']);
    expect(await metric('ledger_busy')).toBe('2');
  });
});
