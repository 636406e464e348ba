// Test harness. The ledger alone on a database of its own: no Temporal, no API.
import type { GrantOrder, GrantResult, Instant } from '@fairmeter/domain';
import { formatMicroCredits, postGrant } from '@fairmeter/domain';
import {
  LotLedger,
  JobControlLedger,
  JobLedger,
  LedgerStore,
  TermsLedger,
  type LedgerStoreOptions,
  type PostOutcome,
  type ScopeOwner,
} from '@fairmeter/ledger';
import { ledgerEntities } from '@fairmeter/ledger/reads';
import { EntityDatabase, newId, WriterDatabase } from '@fairmeter/platform/database';
import { recordsEntities } from '@fairmeter/records';
import { openTestDatabase, type TestDatabase } from './test-database.js';
import { creditsOf, grantOrder, T0 } from './orders.js';

export class LedgerDatabase {
  readonly store: LedgerStore;
  readonly grants: LotLedger;
  readonly jobs: JobLedger;
  readonly control: JobControlLedger;
  readonly terms: TermsLedger;

  private constructor(
    readonly database: TestDatabase,
    readonly writer: WriterDatabase,
    readonly entities: EntityDatabase,
    options: LedgerStoreOptions,
  ) {
    this.store = new LedgerStore(writer, options);
    this.grants = new LotLedger(this.store);
    this.jobs = new JobLedger(this.store);
    this.control = new JobControlLedger(this.store);
    this.terms = new TermsLedger(this.store);
  }

  static async open(options: LedgerStoreOptions = {}): Promise<LedgerDatabase> {
    const database = await openTestDatabase();
    const url = database.writerUrl;
    const writer = await WriterDatabase.open({ url, maxConnections: 8, applicationName: 'test-ledger' });
    const entities = await EntityDatabase.open({
      url,
      maxConnections: 2,
      entities: [...ledgerEntities, ...recordsEntities],
      applicationName: 'test-rows',
    });
    return new LedgerDatabase(database, writer, entities, options);
  }

  /** An account whose scope holds one lot of that many credits. */
  async account(credits: string): Promise<string> {
    const accountId = newId('acc');
    const { lotId: _, ...order } = grantOrder({ lotId: 'first', amount: creditsOf(credits) });
    const granted = await this.grants.grantToAccount(accountId, T0, order);
    if (!granted.ok) throw new Error(`the grant was refused: ${granted.refusal.code}`);
    return accountId;
  }

  /** As the door of grants does, but with a lot id that both sides know, so that the same group may name it. */
  async postGrant(owner: ScopeOwner, asOf: Instant, order: GrantOrder): Promise<PostOutcome<GrantResult>> {
    return this.store.post({
      ...owner,
      key: `${owner.scopeId}:grant:${order.kind}:${order.sourceRef}`,
      verb: 'grant',
      body: { amount: formatMicroCredits(order.amount) },
      asOf,
      load: { openScope: true, sources: [order.sourceRef] },
      decide: (ground) => postGrant(ground, order),
    });
  }

  async close(): Promise<void> {
    await this.entities.close();
    await this.writer.close();
    await this.database.drop();
  }
}
