// Ledger room. What one check of the auditor found.
export interface CheckReport {
  readonly invariant: string;
  readonly what: string;
  readonly rowsChecked: number;
  /** The first few, in words; empty when the invariant holds. */
  readonly differences: readonly string[];
}
