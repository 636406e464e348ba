// Test harness. Where the servers of this run are. A suite that needs one and has none fails at once and says how to
// get it; nothing is ever skipped for a missing server.
export interface TestServers {
  readonly postgresAdminUrl: string;
  readonly temporalAddress: string;
}

export function testServers(): TestServers {
  return {
    postgresAdminUrl: needed('FAIRMETER_TEST_POSTGRES_ADMIN_URL'),
    temporalAddress: needed('FAIRMETER_TEST_TEMPORAL_ADDRESS'),
  };
}

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set: run this suite by \`npm test -- <path>\`, which starts the servers`);
  }
  return value;
}
