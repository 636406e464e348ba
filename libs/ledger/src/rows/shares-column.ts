// Ledger room. How shares of a charge are read from their JSON.
import type { Share } from '@fairmeter/domain';
import type { ColumnOptions } from 'typeorm';
import { sharesOf, storedShares } from '../store/shares.js';

export function sharesColumn(name: string): ColumnOptions {
  return {
    name,
    type: 'jsonb',
    transformer: {
      to: (shares: readonly Share[]) => JSON.parse(storedShares(shares)) as unknown,
      from: (json: unknown) => sharesOf(json),
    },
  };
}
