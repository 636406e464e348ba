// Command line: what the stack needs of the database, in two calls. Promises the shapes; `../database` fills them.

export interface DatabaseUrls {
  /** Owns the tables: migrations alone. */
  readonly ownerUrl: string;
  /** All tenants: the worker. */
  readonly writerUrl: string;
  /** Row-level security forced: the API. */
  readonly readerUrl: string;
}

export interface DemoSeed {
  readonly accountId: string;
  readonly chatBotId: string;
  readonly codingBotId: string;
  readonly chatBotKey: string;
  readonly codingBotKey: string;
  /** Of the account itself: reads credits and ledger, and speaks for both bots. */
  readonly accountKey: string;
}

export interface DatabaseCommands {
  provisionAndMigrate(input: { readonly adminUrl: string; readonly state: DatabaseState }): Promise<DatabaseUrls>;
  seedDemo(input: { readonly writerUrl: string; readonly state: DatabaseState }): Promise<DemoSeed>;
}

/** Where passwords of the database roles and the demo keys may be kept: a private folder that outlives a start. */
export interface DatabaseState {
  readonly path: string;
  readonly embedded: boolean;
}
