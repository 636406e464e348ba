// Backup and restore, once and for real: goal is that everything comes back to one instant, ledger and workflows alike.
// Method: a whole stack of its own is backed up with a model call in flight, goes on, and is put back elsewhere.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient, withDatabase } from '@fairmeter/platform/database';
import { runCommand, StackProcess, type Ended } from './stack-process.js';

/** Longer than anything that happens before the restore: this attempt never ends. */
const SLOW_STEP_MS = 600_000;
/** Temporal gives a step to another worker after half a minute without a sign of life. */
const TAKEN_OVER_WITHIN_MS = 45_000;

const usage = { input: 1_000, cachedInput: 0, cacheWrite: 0, output: 200, reasoning: 0 };
const reply = (text: string, delayMs = 0): object => ({ text, usage, delayMs });
/** Three steps of 0.6 credits, whatever happens to their attempts. */
const PRICE = '1.800000';

const script = {
  version: 1,
  scripts: [
    {
      name: 'slow',
      when: { promptIncludes: 'slowly' },
      steps: {
        '1': [reply('plan')],
        '2': [reply('=== a.js', SLOW_STEP_MS), reply('=== a.js')],
        '3': [reply('APPROVED')],
      },
    },
    {
      name: 'quick',
      when: {},
      stages: { plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] },
    },
  ],
};

describe('backup and restore', () => {
  let root = '';
  let restored: StackProcess | undefined;
  let restoring: Ended;
  let first = { before: '', inFlight: '', after: '' };
  const at = (name: string): string => join(root, name);
  const backup = (): string => at('backup');
  const environment = (name: string): { stateDir: string; more: Record<string, string> } => ({
    stateDir: at(name),
    more: { MODEL_SCRIPT_FILE: at('script.json') },
  });

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'fairmeter-backup-'));
    // As root the stack's Postgres is another user, who has to get in.
    chmodSync(root, 0o755);
    writeFileSync(at('script.json'), JSON.stringify(script));
    first = await liveAndBackUp();
    restoring = await runCommand(['restore', '--from', backup()], environment('restored'));
    restored = await StackProcess.start(environment('restored'));
  }, 180_000);

  afterAll(async () => {
    await restored?.stop();
    for (const name of ['first', 'restored']) await runCommand(['reset'], environment(name));
    rmSync(root, { recursive: true, force: true });
  }, 60_000);

  /** Answers the jobs from before, during and after the backup. */
  async function liveAndBackUp(): Promise<typeof first> {
    let stack = await StackProcess.start(environment('first'));
    try {
      // Three model calls and nothing else: what they cost is known to the last digit.
      await asAdministrator('first', `UPDATE records.bots SET program = 'review' WHERE id = 'bot_demo_coder'`);
      const before = await submitted(stack, 'before', 'Write a word counter');
      await stack.ended(before);
      const inFlight = await submitted(stack, 'in-flight', 'Write a word counter slowly');
      await stack.jobThat(inFlight, (job) => job['steps_ended'] === 1 && job['held'] !== '0.000000', 20_000);
      // A dev server keeps workflows in a file of its own and has to rest meanwhile.
      const hot = stack.output.includes('persisting in Postgres');
      if (!hot) await stack.forceDown();
      const taken = await runCommand(['backup', '--to', backup()], environment('first'));
      expect(taken).toMatchObject({ code: 0 });
      if (!hot) stack = await StackProcess.start(environment('first'));
      const after = await submitted(stack, 'after', 'Write a line counter');
      await stack.ended(after);
      return { before, inFlight, after };
    } finally {
      await stack.forceDown();
    }
  }

  async function submitted(stack: StackProcess, key: string, prompt: string): Promise<string> {
    const { status, body } = await stack.submit(key, prompt);
    expect({ status, replayed: body['replayed'] }).toEqual({ status: 202, replayed: false });
    return String(body['id']);
  }

  function running(): StackProcess {
    if (restored === undefined) throw new Error('the restored stack did not start');
    return restored;
  }

  async function asAdministrator(name: string, sql: string): Promise<unknown[]> {
    const { adminUrl } = JSON.parse(readFileSync(at(`${name}/dev/running.json`), 'utf8')) as { adminUrl: string };
    return withClient(
      withDatabase(adminUrl, 'fairmeter'),
      async (client) => (await client.query(sql)).rows as unknown[],
    );
  }

  it('audits what it restored and says that the ledger holds', () => {
    expect(restoring.output).toContain('the ledger holds');
    expect(restoring.code).toBe(0);
  });

  it('has the jobs from before as they were', async () => {
    const { status, body } = await running().job(first.before);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { state: 'completed', charge: PRICE, held: '0.000000' },
    });
    const again = await running().submit('before', 'Write a word counter');
    expect(again.body).toMatchObject({ id: first.before, replayed: true });
  });

  it(
    'finishes the job that was in flight by itself, and charges its repeated step once',
    async () => {
      const job = await running().ended(first.inFlight, TAKEN_OVER_WITHIN_MS);
      expect(job).toMatchObject({ state: 'completed', end_reason: 'finished', charge: PRICE, held: '0.000000' });
      const { body } = await running().cost(first.inFlight);
      expect(body).toMatchObject({ not_charged: [{ step: 2, attempt: 1, charge_class: 'platform_fault' }] });
    },
    TAKEN_OVER_WITHIN_MS + 5_000,
  );

  it('knows nothing of a job submitted after the backup; the same key makes a fresh one', async () => {
    expect(await running().job(first.after)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
    const fresh = await submitted(running(), 'after', 'Write a line counter');
    expect(fresh).not.toBe(first.after);
    expect(await running().ended(fresh)).toMatchObject({ state: 'completed', charge: PRICE });
  }, 30_000);

  it('leaves a ledger that holds while the restored stack is at work', async () => {
    const audit = await runCommand(['audit'], environment('restored'));
    expect(audit.output).toContain('the ledger holds');
    expect(audit.code).toBe(0);
  }, 30_000);

  it('keeps a backup private to whoever took it', () => {
    expect(statSync(backup()).mode & 0o077).toBe(0);
    expect(statSync(join(backup(), 'private/database-roles.json')).mode & 0o077).toBe(0);
  });

  it('refuses to restore over a stack that runs, and over state that is there', async () => {
    const overRunning = await runCommand(['restore', '--from', backup(), '--replace'], environment('restored'));
    expect(overRunning).toMatchObject({ code: 1, output: expect.stringContaining('already running') });
    const overState = await runCommand(['restore', '--from', backup()], environment('first'));
    expect(overState).toMatchObject({ code: 1, output: expect.stringContaining('--replace') });
  }, 30_000);

  it('closes a database again that somebody opened to everybody, and migrates a running stack', async () => {
    const everybody = `SELECT EXISTS (SELECT FROM pg_database, aclexplode(datacl) a
      WHERE datname = 'fairmeter' AND a.grantee = 0) AS open`;
    await asAdministrator('restored', 'GRANT CONNECT ON DATABASE fairmeter TO PUBLIC');
    expect(await asAdministrator('restored', everybody)).toEqual([{ open: true }]);
    expect(await runCommand(['migrate'], environment('restored'))).toMatchObject({ code: 0 });
    expect(await asAdministrator('restored', everybody)).toEqual([{ open: false }]);
    // The passwords stayed what they were: who is connected with them goes on.
    expect(await running().job(first.before)).toMatchObject({ status: 200 });
  }, 30_000);

  it('names every password that is missing where the database is elsewhere', async () => {
    const more = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/postgres' };
    const { code, output } = await runCommand(['migrate'], { stateDir: at('untouched'), more });
    expect(code).toBe(1);
    for (const role of ['OWNER', 'WRITER', 'READER']) expect(output).toContain(`FAIRMETER_${role}_PASSWORD is missing`);
  }, 30_000);

  it('finds a figure that somebody changed behind the back of the ledger', async () => {
    await asAdministrator(
      'restored',
      `SET session_replication_role = replica;
      UPDATE ledger.lots SET open = open - 1 WHERE id = (SELECT min(id) FROM ledger.lots WHERE open > 0)`,
    );
    const audit = await runCommand(['audit'], environment('restored'));
    expect(audit.output).toMatch(/BROKEN +available.equals-entries[^]*the ledger does NOT hold/);
    expect(audit.code).toBe(1);
  }, 30_000);

  it('refuses a backup that was cut short or changed, and touches nothing', async () => {
    const manifest = readFileSync(join(backup(), 'manifest.json'));
    rmSync(join(backup(), 'manifest.json'));
    const cutShort = await runCommand(['restore', '--from', backup()], environment('untouched'));
    expect(cutShort).toMatchObject({ code: 1, output: expect.stringContaining('no whole backup') });
    writeFileSync(join(backup(), 'manifest.json'), manifest);
    appendFileSync(join(backup(), 'cluster/PG_VERSION'), 'x');
    const changed = await runCommand(['restore', '--from', backup()], environment('untouched'));
    expect(changed).toMatchObject({ code: 1, output: expect.stringContaining('cluster/PG_VERSION has') });
    expect(existsSync(at('untouched'))).toBe(false);
  }, 30_000);
});
