// Simulation. A Postgres of the simulation alone, fsync on, that may be stopped, killed and started again on its data.
import { withClient } from '@fairmeter/platform/database';
import {
  providePostgres,
  settlePorts,
  silentReporter,
  type ManagedProcess,
  type OpenState,
  type StackPorts,
} from '@fairmeter/platform/embedded';
import { keptPasswords, provisionAndMigrate, reviewedFiles } from '../../../apps/cli/src/database/provision.js';
import { pause } from '../../harness/until.js';

/** What is left of a killed server goes by itself, but not at once. */
const GONE_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 10;

export class OwnPostgres {
  private constructor(
    private readonly state: OpenState,
    private readonly ports: StackPorts,
    private readonly adminUrl: string,
  ) {}

  static async start(state: OpenState): Promise<OwnPostgres> {
    const ports = await settlePorts(state.folder, {});
    return new OwnPostgres(state, ports, await provide(state, ports));
  }

  /** Migrated and empty; answers the URL of its writer. */
  async openDatabase(name: string, checkout: string): Promise<string> {
    const { writerUrl } = await provisionAndMigrate({
      adminUrl: this.adminUrl,
      database: name,
      passwords: keptPasswords(this.state.folder.path),
      ...reviewedFiles(checkout),
    });
    return writerUrl;
  }

  /** In order, as an operator restarts it: sessions are told, what was committed is written. */
  async stop(): Promise<void> {
    await this.server().stop();
  }

  async startAgain(): Promise<void> {
    await provide(this.state, this.ports);
  }

  /**
   * `kill -9` of the first process alone, whose children notice it in their own time, or of all processes at once.
   * Resolves when none of them is left: a server does not start on data that others still work on.
   */
  async kill(which: 'first' | 'all', atThatMoment: () => void): Promise<void> {
    const server = this.server();
    const children = await this.children();
    atThatMoment();
    server.kill();
    if (which === 'all') for (const pid of children) signal(pid, 'SIGKILL');
    await server.ended;
    const deadline = performance.now() + GONE_WITHIN_MS;
    for (const pid of children) {
      while (signal(pid, 0)) {
        if (performance.now() > deadline) throw new Error(`process ${pid} of a killed Postgres is still there`);
        await pause(LOOK_EVERY_MS);
      }
    }
  }

  /** Resolves when no session of that name is left: what its process had begun has ended one way or the other. */
  async untilGone(applicationName: string): Promise<void> {
    const deadline = performance.now() + GONE_WITHIN_MS;
    await withClient(this.adminUrl, async (admin) => {
      for (;;) {
        const sql = 'SELECT 1 FROM pg_stat_activity WHERE application_name = $1';
        if ((await admin.query(sql, [applicationName])).rowCount === 0) return;
        if (performance.now() > deadline) throw new Error(`sessions of ${applicationName} did not end`);
        await pause(LOOK_EVERY_MS);
      }
    });
  }

  /** What would make "acknowledged" mean less than "on disk". */
  async durability(): Promise<string> {
    return withClient(this.adminUrl, async (client) => {
      const sql = `SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit') AS said`;
      return (await client.query<{ said: string }>(sql)).rows[0]?.said ?? '';
    });
  }

  /** As an administrator does it: each learns of it at its next word. */
  async endSessions(applicationNameLike: string): Promise<void> {
    await withClient(this.adminUrl, (admin) =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE $1', [
        applicationNameLike,
      ]),
    );
  }

  private server(): ManagedProcess {
    const server = this.state.supervisor.processes.findLast((each) => each.name === 'Postgres');
    if (server === undefined || server.hasEnded()) throw new Error('Postgres does not run');
    return server;
  }

  /** Sessions and the server's own workers, by its own account. */
  private async children(): Promise<number[]> {
    return withClient(this.adminUrl, async (admin) => {
      const { rows } = await admin.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
      return rows.map((row) => row.pid);
    });
  }
}

async function provide(state: OpenState, ports: StackPorts): Promise<string> {
  // Nothing but Postgres is provided: what is said of Temporal here is not used.
  const config = { namespace: 'none', stepsTaskQueue: 'none', cacheRoot: state.folder.path, ports: {}, env: {} };
  return (await providePostgres({ state, config, ports, report: silentReporter })).adminUrl;
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
