// Ledger room. How a query asks which lots have not ended, in the words of the index that finds them: `lots_by_end`.

/** A lot without an end ends never. `lots` is the name under which the query knows the table. */
export function endsAfter(instant: string, lots: string): string {
  return `coalesce(${lots}.expires_at, 'infinity') > ${instant}`;
}

/** True of a lot that was not taken back before it began (`hasEverLived`). */
export const EVER_LIVED = '(expires_at IS NULL OR expires_at > valid_from)';
