// Providers room: the few checks a script file needs, collecting problems instead of stopping at the first.

/** Null when the value will do, else what is wrong with it. */
export type Check = (value: unknown) => string | null;
type Checks = Readonly<Record<string, Check>>;

/** What an object may hold, and nothing else; a required member may be null if its check allows it. */
export interface Members {
  readonly required?: Checks;
  readonly optional?: Checks;
}

/** A value and where it stands, for the problems it may have. */
export interface Place {
  readonly value: unknown;
  readonly path: string;
}

export class Shape {
  readonly problems: string[] = [];

  readonly any: Check = () => null;
  readonly text: Check = (value) => (typeof value === 'string' ? null : 'must be a string');
  readonly words: Check = (value) => (typeof value === 'string' && value !== '' ? null : 'must be a non-empty string');
  readonly count: Check = this.between(0, Number.MAX_SAFE_INTEGER);
  readonly positive: Check = this.between(1, Number.MAX_SAFE_INTEGER);

  between(least: number, most: number): Check {
    return (value) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
        ? null
        : `must be a whole number from ${least} to ${most}`;
  }

  oneOf(values: readonly unknown[]): Check {
    return (value) => (values.includes(value) ? null : `must be one of ${values.map(String).join(', ')}`);
  }

  listOf(check: Check): Check {
    return (value) => {
      if (!Array.isArray(value)) {
        return 'must be a list';
      }
      return value.map(check).find((problem) => problem !== null) ?? null;
    };
  }

  problem(path: string, what: string): void {
    this.problems.push(`${path}: ${what}`);
  }

  object({ value, path }: Place, { required = {}, optional = {} }: Members): Readonly<Record<string, unknown>> {
    const members = this.membersOf(value, path);
    for (const name of Object.keys(required)) {
      if (members[name] === undefined) {
        this.problem(`${path}.${name}`, 'is missing');
      }
    }
    const known = new Map(Object.entries({ ...required, ...optional }));
    for (const [name, member] of Object.entries(members)) {
      const check = known.get(name);
      const what = check === undefined ? 'is not known' : check(member);
      if (what !== null) {
        this.problem(`${path}.${name}`, what);
      }
    }
    return members;
  }

  record({ value, path }: Place, name: RegExp): readonly (readonly [string, unknown])[] {
    const entries = Object.entries(this.membersOf(value, path));
    for (const [key] of entries) {
      if (!name.test(key)) {
        this.problem(`${path}.${key}`, 'is not a valid name here');
      }
    }
    return entries;
  }

  list({ value, path }: Place, least: number): readonly unknown[] {
    if (!Array.isArray(value) || value.length < least) {
      this.problem(path, least > 0 ? `must be a list of at least ${least}` : 'must be a list');
      return [];
    }
    return value;
  }

  private membersOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problem(path, 'must be an object');
      return {};
    }
    return Object.fromEntries(Object.entries(value));
  }
}
