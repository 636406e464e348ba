// Ledger room. Names for statements that are put together from parts, so that Postgres keeps a plan for each: short,
// and so many at most. A connection keeps what it was ever told a name for.
import type { Statement } from '@fairmeter/platform/database';

const MOST_NAMES = 256;

export class NamedStatements {
  private readonly known = new Map<string, Statement>();

  constructor(
    private readonly prefix: string,
    private readonly most = MOST_NAMES,
  ) {}

  /** A kind that comes up after all names are given is planned each time it is asked. */
  of(kind: string, textOf: () => string): Statement {
    const before = this.known.get(kind);
    if (before !== undefined) return before;
    const text = textOf();
    if (this.known.size >= this.most) return { text };
    const statement = { name: `${this.prefix}-${this.known.size}`, text };
    this.known.set(kind, statement);
    return statement;
  }
}
