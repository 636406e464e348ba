// Command line: what the stack and its tour need of the database. Promises the shapes; `../database` fills them.
import type { MicroCredits } from '@fairmeter/domain';

export interface DatabaseUrls {
  /** Owns the tables: migrations alone. */
  readonly ownerUrl: string;
  /** All tenants: the worker. */
  readonly writerUrl: string;
  /** Row-level security forced: the API. */
  readonly readerUrl: string;
}

export interface DemoWish {
  readonly writerUrl: string;
  readonly state: DatabaseState;
  /** What costs something can be paid for. */
  readonly takesPayments: boolean;
}

export interface DemoSeed {
  readonly accountId: string;
  readonly chatBotId: string;
  readonly codingBotId: string;
  readonly chatBotKey: string;
  readonly codingBotKey: string;
  /** Of the coding bot too, in the test environment. */
  readonly testKey: string;
  /** Of the account itself: reads credits and ledger, and speaks for both bots. */
  readonly accountKey: string;
}

/** A coding bot of an account made for one showing. */
export interface TrialBot {
  readonly accountId: string;
  readonly botId: string;
  readonly botKey: string;
}

export interface CreditGrant {
  readonly accountId: string;
  readonly amount: MicroCredits;
  /** Once for good: the same source is the same grant. */
  readonly sourceRef: string;
}

/** People of the local issuer, by what it calls them. */
export interface DemoMembers {
  readonly issuer: string;
  readonly people: readonly { readonly subject: string; readonly name: string; readonly email: string }[];
}

export interface DatabaseCommands {
  provisionAndMigrate(input: { readonly adminUrl: string; readonly state: DatabaseState }): Promise<DatabaseUrls>;
  seedDemo(input: DemoWish): Promise<DemoSeed>;
  seedMembers(writerUrl: string, members: DemoMembers): Promise<void>;
  openTrial(writerUrl: string, amount: MicroCredits): Promise<TrialBot>;
  grantCredits(writerUrl: string, grant: CreditGrant): Promise<void>;
}

/** Where passwords of the database roles and the demo keys may be kept: a private folder that outlives a start. */
export interface DatabaseState {
  readonly path: string;
  readonly embedded: boolean;
}
