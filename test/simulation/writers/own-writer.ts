// Simulation. A writing process, but for the process: a pool and a ledger of its own, behind a wire that can fail.
import { LedgerStore, type LedgerStoreOptions } from '@fairmeter/ledger';
import { WriterDatabase } from '@fairmeter/platform/database';
import { perform, type LedgerRequest } from '../ledger/request.js';
import { toldBy, type Told, type Writer } from './writer.js';

export class OwnWriter implements Writer {
  private readonly store: LedgerStore;

  private constructor(
    private readonly database: WriterDatabase,
    options: LedgerStoreOptions,
  ) {
    this.store = new LedgerStore(database, options);
  }

  /** The pool as the worker opens it. */
  static async open(url: string, name: string, options: LedgerStoreOptions = {}): Promise<OwnWriter> {
    const wish = { url, maxConnections: 6, applicationName: name, plansByKey: true };
    return new OwnWriter(await WriterDatabase.open(wish), options);
  }

  ask(request: LedgerRequest): Promise<Told> {
    return toldBy(perform(this.store, request));
  }

  async close(): Promise<void> {
    await this.database.close();
  }
}
