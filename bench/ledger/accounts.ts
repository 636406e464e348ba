// Bench room, the ledger. Accounts with more credits than a bench can spend, and one that carries a past.
import { setTimeout as sleep } from 'node:timers/promises';
import { credits, instant, type LotKind, type MicroCredits } from '@fairmeter/domain';
import { LedgerStore, LotLedger } from '@fairmeter/ledger';
import { openWriter, type BenchDatabase } from './bench-postgres.js';
import { newCycle } from './cycle.js';

const PLENTY = credits(1_000_000_000n);
const A_LITTLE = credits(1n);
/** Time enough to grant all lots before the first of them ends. */
const LOTS_LIVE_MS = 10_000;

export async function withStore<T>(database: BenchDatabase, work: (store: LedgerStore) => Promise<T>): Promise<T> {
  const writer = await openWriter(database, 10);
  try {
    return await work(new LedgerStore(writer));
  } finally {
    await writer.close();
  }
}

export async function openAccounts(database: BenchDatabase, accounts: readonly string[]): Promise<void> {
  await withStore(database, async (store) => {
    const lots = new LotLedger(store);
    await Promise.all(accounts.map((account) => grant(lots, account, { amount: PLENTY, sourceRef: 'bench' })));
  });
}

export interface Crowd {
  readonly openHolds: number;
  readonly endedLots: number;
}

/**
 * Promotions that ended with credits in them, which nobody has booked as lapsed yet, and holds that nobody ends. Not
 * lots of periods: thousands of those cannot begin at one instant.
 */
export async function crowdAccount(database: BenchDatabase, account: string, crowd: Crowd): Promise<void> {
  await withStore(database, async (store) => {
    const lots = new LotLedger(store);
    const expiresAt = Date.now() + LOTS_LIVE_MS;
    const granting = Array.from({ length: crowd.endedLots }, (_, index) =>
      grant(lots, account, { kind: 'bonus_promo', amount: A_LITTLE, sourceRef: `ended/${index}`, expiresAt }),
    );
    await Promise.all(granting);
    const wait = expiresAt - Date.now();
    if (wait < 0) throw new Error('the lots ended before all of them were granted');
    await sleep(wait + 10);
    const holding = Array.from({ length: crowd.openHolds }, () => store.post(newCycle(account).hold));
    const refused = (await Promise.all(holding)).find((outcome) => !outcome.ok);
    if (refused !== undefined) throw new Error('a hold of the crowd was refused');
  });
}

interface Granting {
  readonly kind?: LotKind;
  readonly amount: MicroCredits;
  readonly sourceRef: string;
  readonly expiresAt?: number;
}

async function grant(lots: LotLedger, account: string, granting: Granting): Promise<void> {
  const { kind = 'subscription', amount, sourceRef, expiresAt } = granting;
  const now = instant(Date.now());
  const granted = await lots.grantToAccount(account, now, {
    kind,
    amount,
    validFrom: now,
    expiresAt: expiresAt === undefined ? null : instant(expiresAt),
    sourceRef,
  });
  if (!granted.ok) throw new Error(`the credits of the bench were refused: ${granted.refusal.code}`);
}

export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `acc_${prefix}_${index}`);
}
