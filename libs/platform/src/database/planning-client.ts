// Platform room. A connection that names what it is asked again and again, so that Postgres parses and plans it once.
// An ORM gives its statements no names, and planning one of them costs more than running it by its key. A plan that is
// kept does not look at what is asked for: a list with filters that may be left out is better planned each time.
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { BoundedClient, type Bounded } from './bounded-client.js';

/** Beyond this texts are not of a fixed few, and a name would only fill the server's memory. */
const TEXTS_NAMED = 200;

const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= TEXTS_NAMED) return known;
  const name = `orm-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}

/** Said of a statement, by an ORM as its comment: one plan serves whatever it is asked with. */
export const PLANNED_ONCE = 'planned once';

export function plannedOnce(text: string): string {
  return `/* ${PLANNED_ONCE} */ ${text}`;
}

/** All for a process that asks the same few statements over and over, else those that say so. */
export type Planning = 'all' | 'marked';

const MARK = plannedOnce('');

type Asking = (statement: unknown, values?: unknown, ...rest: unknown[]) => unknown;

export class PlanningClient extends BoundedClient {
  constructor(config: pg.ClientConfig & Bounded & { readonly plansOnce?: Planning } = {}) {
    super(config);
    const { plansOnce = 'all' } = config;
    const ask = this.query.bind(this) as Asking;
    const asking: Asking = (statement, values, ...rest) => {
      if (typeof statement !== 'string' || !Array.isArray(values) || values.length === 0) {
        return ask(statement, values, ...rest);
      }
      const name = plansOnce === 'all' || statement.startsWith(MARK) ? nameOf(statement) : undefined;
      return name === undefined ? ask(statement, values, ...rest) : ask({ name, text: statement, values }, ...rest);
    };
    this.query = asking as typeof this.query;
  }
}
