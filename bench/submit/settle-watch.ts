// Bench room, the job side. Sees a job end when its settle is committed: one connection listens to the outbox, one
// reads what is new in it, at most every few milliseconds however many jobs end.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Arrivals } from '../measure/arrivals.js';

const READ_AT_MOST_EVERY_MS = 25;
/** A notification is a hint; after this long it is looked for without one. */
const READ_AT_LEAST_EVERY_MS = 1_000;

interface EndedRow {
  readonly scope_id: string;
  readonly scope_seq: string;
  readonly job_id: string | null;
  readonly type: string;
  readonly state: string | null;
}

export class SettleWatch {
  private readonly ended = new Arrivals<string>();
  private readonly seen = new Map<string, string>();
  private wake: () => void = () => undefined;
  private closed = false;
  private loop: Promise<void> = Promise.resolve();

  private constructor(
    private readonly listener: pg.Client,
    private readonly reader: pg.Client,
    scopes: readonly string[],
  ) {
    for (const scope of scopes) this.seen.set(scope, '0');
  }

  static async open(url: string, channel: string, scopes: readonly string[]): Promise<SettleWatch> {
    const client = (name: string): pg.Client =>
      new pg.Client({ connectionString: url, application_name: `bench-${name}` });
    const watch = new SettleWatch(client('listen'), client('read'), scopes);
    // A server that ends takes its connections along; whoever waits hears of it, the process does not die of it.
    for (const each of [watch.listener, watch.reader]) each.on('error', (error) => watch.ended.fail(error));
    await watch.listener.connect();
    await watch.reader.connect();
    watch.listener.on('notification', () => watch.wake());
    await watch.listener.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    watch.loop = watch.read();
    watch.loop.catch((error: unknown) => {
      watch.ended.fail(error instanceof Error ? error : new Error(String(error)));
    });
    return watch;
  }

  /** The state in which the job ended. */
  endOf(jobId: string): Promise<string> {
    return this.ended.of(jobId);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    await this.loop.catch(() => undefined);
    await Promise.all([this.listener.end(), this.reader.end()]);
  }

  private async read(): Promise<void> {
    while (!this.closed) {
      const told = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      const { rows } = await this.reader.query<EndedRow>({
        name: 'bench-outbox',
        text: `SELECT o.scope_id, o.scope_seq::text, o.job_id, o.type, o.payload->>'state' AS state
          FROM unnest($1::text[], $2::bigint[]) seen (id, seq)
          JOIN ledger.outbox o ON o.scope_id = seen.id AND o.scope_seq > seen.seq ORDER BY o.scope_id, o.scope_seq`,
        values: [[...this.seen.keys()], [...this.seen.values()]],
      });
      for (const row of rows) {
        this.seen.set(row.scope_id, row.scope_seq);
        if (row.type === 'job.ended' && row.job_id !== null) this.ended.arrive(row.job_id, row.state ?? 'unknown');
      }
      await Promise.race([told, sleep(READ_AT_LEAST_EVERY_MS, undefined, { ref: false })]);
      await sleep(READ_AT_MOST_EVERY_MS);
    }
  }
}
