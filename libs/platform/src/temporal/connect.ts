// Temporal connection: one client and one native connection per process, made alike: same TLS, same key. Promises no
// compression on the loopback, where it costs time and saves nothing.
import {
  ApplicationFailure,
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { wayTo, type TemporalAddress } from './way.js';

export interface TemporalClient {
  readonly connection: Connection;
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * What the library means to allow: it writes the option without its prefix, so that 4 MB were all, and a page of a long
 * history was refused.
 */
const LARGEST_ANSWER_BYTES = 128 * 1024 * 1024;

/** For the API and the CLI. Connects at once: a server that is not there is an error now, not at the first request. */
export async function connectTemporal(options: TemporalAddress): Promise<TemporalClient> {
  // The client library offers no compression setting and sends plain messages.
  const connection = await Connection.connect({
    ...wayTo(options),
    channelArgs: { 'grpc.max_receive_message_length': LARGEST_ANSWER_BYTES },
    connectTimeout: '10s',
  });
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

/** One by that name runs, or has run and may not run again. */
export function wasWorkflowStarted(error: unknown): boolean {
  return error instanceof WorkflowExecutionAlreadyStartedError;
}

/** A workflow was asked and said no, with its reasons: that is an answer. */
export function wasUpdateRefused(error: unknown): error is WorkflowUpdateFailedError {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return false;
  return (error.cause.details ?? []).length > 0;
}
