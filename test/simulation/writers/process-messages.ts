// Simulation. What goes between the simulator and a writing process of its own, with amounts as they are.
import type { LedgerRequest } from '../ledger/request.js';
import type { Told } from './writer.js';

export type ToWriter =
  | { readonly kind: 'open'; readonly url: string; readonly name: string }
  | { readonly kind: 'ask'; readonly id: number; readonly request: LedgerRequest };

export type FromWriter =
  { readonly kind: 'open' } | { readonly kind: 'told'; readonly id: number; readonly told: Told };
