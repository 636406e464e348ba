// Temporal connection: one client and one native connection per process, made alike: same TLS, same key. Promises no
// compression on the loopback, where it costs time and saves nothing.
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { wayTo, type TemporalAddress } from './way.js';

export interface TemporalClient {
  readonly connection: Connection;
  readonly client: Client;
  close(): Promise<void>;
}

/** For the API and the CLI. Connects at once: a server that is not there is an error now, not at the first request. */
export async function connectTemporal(options: TemporalAddress): Promise<TemporalClient> {
  // The client library offers no compression setting and sends plain messages.
  const connection = await Connection.connect({ ...wayTo(options), connectTimeout: '10s' });
  return {
    connection,
    client: new Client({ connection, namespace: options.namespace }),
    close: () => connection.close(),
  };
}

/** For Workers. */
export function connectTemporalWorker(options: Omit<TemporalAddress, 'namespace'>): Promise<NativeConnection> {
  return NativeConnection.connect({
    ...wayTo(options),
    ...(isLoopback(options.address) ? { grpcCompression: { codec: 'none' } } : {}),
  });
}

export function isLoopback(address: string): boolean {
  const host = address.slice(0, address.lastIndexOf(':'));
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** The workflow that was meant has ended, or never was. */
export function isWorkflowGone(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError;
}
