// Platform room. The one way to read as a tenant: every read runs in a transaction that has named its tenant, and
// row-level security shows it nothing else. The pool behind it is not reachable from outside.
import type { DataSource, EntityManager } from 'typeorm';
import { openDataSource, type DataSourceOptions } from './data-source.js';
import { Listener, type Listening } from './listener.js';

export interface Tenant {
  readonly accountId: string;
  /** Who asks inside the account: a bot, a user, an end user. */
  readonly subject: string;
}

/** Ids are ours, and still nothing that is not one reaches a statement as text. */
const SAFE_ID = /^[A-Za-z0-9_:/.-]{1,120}$/;

export class TenantDatabase {
  private constructor(
    private readonly source: DataSource,
    private readonly url: string,
    private readonly applicationName: string,
  ) {}

  static async open(options: DataSourceOptions): Promise<TenantDatabase> {
    const source = await openDataSource(options);
    return new TenantDatabase(source, options.url, options.applicationName);
  }

  /** One transaction, one snapshot, one tenant. Writes are for what its grants allow: a prompt, never money. */
  async asTenant<T>(tenant: Tenant, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.inTransaction(tenant, work);
  }

  /** Before the tenant is known only definer functions show anything: the key look-up and presence. */
  async beforeTenant<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    // No transaction, so no tenant either: one statement is one round trip, and row-level security shows it no row.
    return work(this.source.manager);
  }

  async ping(): Promise<void> {
    await this.source.query('SELECT 1');
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /** A connection of its own that listens and comes back by itself; `onReconnect` may have missed messages. */
  async listen(channel: string, onMessage: (payload: string) => void, onReconnect: () => void): Promise<Listening> {
    const name = `${this.applicationName}-listen`;
    return new Listener({ url: this.url, name, channel, onMessage, onReconnect }).start();
  }

  private async inTransaction<T>(tenant: Tenant, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    for (const id of [tenant.accountId, tenant.subject]) {
      if (id !== '' && !SAFE_ID.test(id)) throw new Error('not an id of a tenant');
    }
    const runner = this.source.createQueryRunner();
    try {
      // One round trip opens the transaction and names its tenant, LOCAL to it: a pooled connection forgets.
      await runner.query(
        'BEGIN ISOLATION LEVEL REPEATABLE READ; ' +
          `SELECT set_config('fm.account', '${tenant.accountId}', true), ` +
          `set_config('fm.subject', '${tenant.subject}', true)`,
      );
      const result = await work(runner.manager);
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}
