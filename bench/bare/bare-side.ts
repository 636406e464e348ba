// Bench room, the bare side. Starts bare workflows as the API starts jobs: update-with-start by the same client
// library.
import { createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { JOBS_QUEUE } from '@fairmeter/contracts';
import { logTail, type Supervisor } from '@fairmeter/platform/embedded';
import { connectTemporal, ensureNamespace, type TemporalClient } from '@fairmeter/platform/temporal';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { Arrivals } from '../measure/arrivals.js';
import type { Side, Submitted } from '../measure/side.js';
import type { WorkerSlots } from '../stack/worker-slots.js';
import { BARE_ENTITY, BARE_NAMESPACE, BARE_WORKFLOW, bareAdmit } from './bare-messages.js';

export interface BareSideOptions {
  readonly supervisor: Supervisor;
  readonly temporalAddress: string;
  readonly retentionDays: number;
  readonly slots: WorkerSlots;
  /** Workflow tasks that its worker takes up at once; left out, as many as the product's. */
  readonly workflowTasks?: number | undefined;
  readonly logFile: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CONNECTS_WITHIN_MS = 30_000;

export class BareSide {
  private started = 0;

  private constructor(
    private readonly temporal: TemporalClient,
    private readonly doneServer: Server,
    private readonly done: Arrivals<void>,
    private readonly runName: string,
    readonly workerPid: number,
  ) {}

  static async open(options: BareSideOptions): Promise<BareSide> {
    const temporal = await connectTemporal({ address: options.temporalAddress, namespace: BARE_NAMESPACE });
    await ensureNamespace(temporal.connection, BARE_NAMESPACE, options.retentionDays);
    const done = new Arrivals<void>();
    const { server, port, connected } = await listenForDone((id) => done.arrive(id));
    const worker = await options.supervisor.start({
      name: 'bare worker',
      command: process.execPath,
      args: [
        fileURLToPath(new URL('bare-worker.js', import.meta.url)),
        JSON.stringify({
          temporalAddress: options.temporalAddress,
          donePort: port,
          workflowTasks: options.workflowTasks,
          ...options.slots,
        }),
      ],
      cwd: options.cwd,
      env: { ...options.env, TZ: 'UTC' },
      logFile: options.logFile,
      stopSignal: 'SIGTERM',
      stopWithinMs: 15_000,
    });
    const late = AbortSignal.timeout(CONNECTS_WITHIN_MS);
    await Promise.race([
      connected,
      worker.ended.then(() => Promise.reject(new Error(`the bare worker ended: ${logTail(options.logFile)}`))),
      new Promise((_resolve, reject) => late.addEventListener('abort', () => reject(new Error('no bare worker')))),
    ]);
    return new BareSide(temporal, server, done, `bare-${worker.pid}`, worker.pid);
  }

  /** Workflows of so many steps; all of them run in the one bare worker. */
  ofSteps(steps: number): Side {
    return { name: 'bare', submit: () => this.submit(steps) };
  }

  /** One that sleeps until it is due; done once its one activity has run. */
  async beginEntity(dueAt: number): Promise<{ readonly done: Promise<void> }> {
    const workflowId = `${this.runName}-entity-${++this.started}`;
    const done = this.done.of(workflowId);
    await this.temporal.client.workflow.start(BARE_ENTITY, { workflowId, taskQueue: JOBS_QUEUE, args: [dueAt] });
    return { done };
  }

  async close(): Promise<void> {
    this.doneServer.close();
    await this.temporal.close();
  }

  private async submit(steps: number): Promise<Submitted> {
    const workflowId = `${this.runName}-${++this.started}`;
    const startWorkflowOperation = new WithStartWorkflowOperation(BARE_WORKFLOW, {
      workflowId,
      taskQueue: JOBS_QUEUE,
      args: [steps],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    const done = this.done.of(workflowId);
    const asked = performance.now();
    await this.temporal.client.workflow.executeUpdateWithStart(bareAdmit, {
      startWorkflowOperation,
      updateId: 'admit',
    });
    return { admittedMs: performance.now() - asked, done };
  }
}

interface DoneServer {
  readonly server: Server;
  readonly port: number;
  readonly connected: Promise<void>;
}

async function listenForDone(onDone: (id: string) => void): Promise<DoneServer> {
  const server = createServer();
  const connected = new Promise<void>((resolve) => {
    server.on('connection', (socket: Socket) => {
      resolve();
      let rest = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onDone(line);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the bench listens on no port');
  return { server, port: address.port, connected };
}
