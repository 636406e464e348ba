// Command line: servers for whatever tests, apart from the stack that a person runs. Promises that they can do what the
// suites need, or an error that names what is missing.
import type { OpenState } from '@fairmeter/platform/embedded';
import { missingForTests } from '@fairmeter/platform/temporal';
import type { CommandContext } from '../commands/command.js';
import { startServers } from './stack.js';

export class TestServersError extends Error {
  constructor(missing: readonly string[]) {
    super(['The tests cannot run on these servers:', ...missing.map((one) => `  - ${one}`)].join('\n'));
    this.name = 'TestServersError';
  }
}

export interface TestServers {
  readonly postgresAdminUrl: string;
  readonly temporalAddress: string;
}

type Context = Pick<CommandContext, 'settings' | 'terminal'>;

// DATABASE_URL does not count here: the suites create and drop databases and roles, and may do so only in a Postgres
// that was named for them. Where nothing was named, an own one is started.
export async function provideTestServers(context: Context, state: OpenState): Promise<TestServers> {
  const { settings, terminal } = context;
  const servers = {
    ...settings.servers,
    databaseUrl: settings.env['FAIRMETER_TEST_POSTGRES_ADMIN_URL'],
    temporalAddress: settings.env['FAIRMETER_TEST_TEMPORAL_ADDRESS'] ?? settings.servers.temporalAddress,
    // Ports that a person set are for the stack, which may be running beside this.
    ports: {},
  };
  const started = await startServers({ state, settings: { ...settings, servers }, terminal }, () => Promise.resolve());
  const missing = missingForTests(started.capabilities);
  if (missing.length > 0) throw new TestServersError(missing);
  return { postgresAdminUrl: started.postgres.adminUrl, temporalAddress: started.temporal.address };
}

/** What a program of the tests is told of its servers. */
export function environmentOfTests({ settings }: Context, state: OpenState, servers: TestServers): NodeJS.ProcessEnv {
  return {
    ...settings.env,
    FAIRMETER_TEST_POSTGRES_ADMIN_URL: servers.postgresAdminUrl,
    FAIRMETER_TEST_TEMPORAL_ADDRESS: servers.temporalAddress,
    FAIRMETER_TEST_STATE: state.folder.path,
    TZ: 'UTC',
  };
}
