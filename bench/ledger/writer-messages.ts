// Bench room, the ledger. What the bench and a second writing process say to each other.
import type { BenchDatabase } from './bench-postgres.js';

export interface SecondWriterOptions {
  readonly database: BenchDatabase;
  readonly account: string;
}

export type ToWriter = { readonly say: 'begin'; readonly callers: number } | { readonly say: 'stop' };

export type FromWriter =
  | { readonly say: 'ready' }
  | {
      readonly say: 'stopped';
      readonly perSecond: number;
      readonly cycles: number;
      readonly rssBeforeMb: number;
      readonly rssPeakMb: number;
    };
