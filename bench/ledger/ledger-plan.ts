// Bench room, the ledger. How long and how much of everything, for a full run and for a smoke test of the bench itself.

export interface LedgerPlan {
  readonly pairs: number;
  readonly rampMs: number;
  readonly windowMs: number;
  readonly spreadAccounts: number;
  readonly coldAccounts: number;
  readonly coldCallsPerSecond: number;
  readonly coldCycles: number;
  readonly crowd: { readonly openHolds: number; readonly endedLots: number };
  readonly fewEntries: number;
  readonly manyEntries: number;
  readonly rowCheckCycles: number;
}

export const FULL: LedgerPlan = {
  pairs: 3,
  rampMs: 1_000,
  windowMs: 5_000,
  spreadAccounts: 10_000,
  coldAccounts: 1_000,
  coldCallsPerSecond: 200,
  coldCycles: 500,
  crowd: { openHolds: 1_000, endedLots: 2_000 },
  fewEntries: 1_000,
  manyEntries: 5_000_000,
  rowCheckCycles: 20,
};

export const QUICK: LedgerPlan = {
  ...FULL,
  pairs: 1,
  rampMs: 500,
  windowMs: 1_500,
  spreadAccounts: 1_000,
  coldCycles: 100,
  crowd: { openHolds: 100, endedLots: 200 },
  manyEntries: 100_000,
};

/** The naive way's connections, and the debit's; a caller beyond them waits for one. */
export const NAIVE_CONNECTIONS = 32;
/** The worker's default. */
export const OUR_CONNECTIONS = 10;
/** Callers of the rounds on one account and on many. */
export const HOT_CALLERS = [1, 32, 256, 1_000] as const;
export const SPREAD_CALLERS = [32, 256] as const;
export const HOT_LOAD_CALLERS = 256;
export const MEMORY_CALLERS = 1_000;
