// Ledger room. Shares of a charge as JSON: amounts travel as text, a JSON number would lose digits above 2^53.
import type { Share } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';

interface StoredShare {
  readonly lotId: string;
  readonly amount: string;
  readonly reversed: string;
}

export function storedShares(shares: readonly Share[]): string {
  return JSON.stringify(
    shares.map(({ lotId, amount, reversed }): StoredShare => ({
      lotId,
      amount: amount.toString(),
      reversed: reversed.toString(),
    })),
  );
}

export function sharesOf(json: unknown): readonly Share[] {
  return (json as readonly StoredShare[]).map(({ lotId, amount, reversed }) => ({
    lotId,
    amount: parseMicroCredits(amount),
    reversed: parseMicroCredits(reversed),
  }));
}
