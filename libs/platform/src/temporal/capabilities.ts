// Temporal capabilities: what the connected server can do. Promises a total answer, found by asking the server and
// never by guessing from where it came; what cannot be asked is "unknown".
import { isGrpcServiceError, type Connection } from '@temporalio/client';

export type Capability = 'on' | 'off' | 'unknown';

export interface TemporalCapabilities {
  readonly serverVersion: string;
  /** At least 1.32, the version that these workflows are written and tested for. */
  readonly versionSupported: boolean;
  /** A running workflow may be moved ahead in time: needed by tests alone. */
  readonly timeSkipping: Capability;
  /** Tasks of many payers on one queue are served in turn. */
  readonly fairness: Capability;
  /** Several calls in one request: admission needs it. */
  readonly updateWithStart: Capability;
}

export const requiredTemporal = { major: 1, minor: 32 } as const;

const grpc = { invalidArgument: 3, notFound: 5, unimplemented: 12 } as const;
const noSuchWorkflow = 'fairmeter-capability-probe';

/** `fairness` cannot be asked of a server: only who configured it knows, and may say so. */
export async function probeTemporal(
  connection: Connection,
  options: { readonly namespace: string; readonly fairness?: Capability },
): Promise<TemporalCapabilities> {
  const info = await connection.workflowService.getSystemInfo({});
  const [timeSkipping, updateWithStart] = await Promise.all([
    probeTimeSkipping(connection, options.namespace),
    probeUpdateWithStart(connection, options.namespace),
  ]);
  const versionSupported = isSupported(info.serverVersion);
  return {
    serverVersion: info.serverVersion === '' ? 'unknown' : info.serverVersion,
    versionSupported,
    timeSkipping,
    fairness: options.fairness ?? 'unknown',
    updateWithStart,
  };
}

export function isSupported(serverVersion: string): boolean {
  const found = /^v?(\d+)\.(\d+)/.exec(serverVersion);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > requiredTemporal.major || (major === requiredTemporal.major && minor >= requiredTemporal.minor);
}

/** What the demo goes without, one sentence each; empty when all is there. */
export function describeMissing(capabilities: TemporalCapabilities): readonly string[] {
  const { major, minor } = requiredTemporal;
  const sentences: string[] = [];
  if (!capabilities.versionSupported) {
    sentences.push(
      `server version ${capabilities.serverVersion} is older than ${major}.${minor}: nothing here was tested on it`,
    );
  }
  if (capabilities.updateWithStart === 'off') {
    sentences.push('update-with-start is off: no job can be admitted');
  }
  if (capabilities.timeSkipping !== 'on') {
    sentences.push(
      `time skipping is ${capabilities.timeSkipping}: workflows run in real time here (only tests need to skip ahead)`,
    );
  }
  if (capabilities.fairness !== 'on') {
    sentences.push(`fairness is ${capabilities.fairness}: one payer's backlog may make the others wait`);
  }
  return sentences;
}

/** What the tests cannot do without. */
export function missingForTests(capabilities: TemporalCapabilities): readonly string[] {
  return describeMissing({ ...capabilities, fairness: 'on' });
}

/** What no stack can do without. */
export function missingForStack(capabilities: TemporalCapabilities): readonly string[] {
  return describeMissing({ ...capabilities, fairness: 'on', timeSkipping: 'on', versionSupported: true });
}

// The server checks whether skipping is allowed before it looks for the workflow. So an update of a workflow that does
// not exist tells without starting anything: "not found" means that skipping it would have been allowed.
async function probeTimeSkipping(connection: Connection, namespace: string): Promise<Capability> {
  const code = await codeOf(() =>
    connection.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: { workflowId: noSuchWorkflow },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true } },
      updateMask: { paths: ['time_skipping_config'] },
    }),
  );
  if (code === grpc.notFound) return 'on';
  // Unimplemented: switched off for this namespace, or a server without the call. Invalid: one without the field.
  return code === grpc.unimplemented || code === grpc.invalidArgument ? 'off' : 'unknown';
}

// An empty list of operations is refused as invalid by a server that knows the call.
async function probeUpdateWithStart(connection: Connection, namespace: string): Promise<Capability> {
  const code = await codeOf(() => connection.workflowService.executeMultiOperation({ namespace, operations: [] }));
  if (code === grpc.invalidArgument) return 'on';
  return code === grpc.unimplemented ? 'off' : 'unknown';
}

async function codeOf(call: () => Promise<unknown>): Promise<number | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return isGrpcServiceError(error) ? Number(error.code) : undefined;
  }
}
