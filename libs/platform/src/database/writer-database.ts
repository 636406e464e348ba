// Platform room. The writer's side: for all tenants, used by the worker and the operator's commands, never by the API.
import pg from 'pg';
import { BoundedClient, hangUp, KEEP_ALIVE, streamOf, type Bounded } from './bounded-client.js';
import { Listener, type Listening, type ListenerOptions } from './listener.js';
import { refuseMightyRole } from './roles.js';

// Postgres bigint: money and sequence numbers stay exact.
const INT8_OID = 20;
const exactTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary'): unknown =>
    oid === INT8_OID && format !== 'binary'
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

export interface Statement {
  /** A name makes Postgres keep the plan on the connection. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/**
 * Statements may be asked without waiting for the answers of earlier ones: the server works them off in their order,
 * and those after a failed one fail too.
 */
export interface Transaction {
  query<Row extends pg.QueryResultRow>(statement: Statement | string): Promise<Row[]>;
  /** Sends COMMIT right behind the statement, one round trip for both: nothing can follow. */
  queryLast<Row extends pg.QueryResultRow>(statement: Statement | string): Promise<Row[]>;
}

/** The answer to COMMIT never came: the transaction may stand or not, and only its keys can tell. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/**
 * Planning such a statement anew costs as much as running it, so one plan is kept. It may be made while the tables are
 * still empty and must serve when they are not: it goes by index, row by row. Of a small table all rows are soon put
 * beside those that are asked for; of a large one that is what it must never come to.
 */
const PLANS_BY_KEY =
  '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

export interface TransactionBounds {
  /** May carry settings of the transaction in the same round trip. */
  readonly begin?: string;
  /** After this the connection is given up: for work that waits for nothing but the server. */
  readonly withinMs?: number;
}

export interface WriterOptions extends Bounded {
  readonly url: string;
  readonly maxConnections: number;
  readonly applicationName: string;
  /** For a process that asks few large statements over and over, each for rows whose keys it knows. */
  readonly plansByKey?: boolean;
  readonly onIdleError?: (error: Error) => void;
}

export class WriterDatabase {
  private constructor(
    private readonly pool: pg.Pool,
    private readonly at: Pick<ListenerOptions, 'url' | 'name'>,
  ) {}

  static async open(options: WriterOptions): Promise<WriterDatabase> {
    const pool = new pg.Pool({
      ...{ Client: BoundedClient, answersWithinMs: options.answersWithinMs },
      connectionString: options.url,
      max: options.maxConnections,
      application_name: options.applicationName,
      connectionTimeoutMillis: 5_000,
      types: exactTypes,
      ...KEEP_ALIVE,
      // Statements leave when they are asked, not when the answer before them has come.
      pipeline: true,
      ...(options.plansByKey === true ? { options: PLANS_BY_KEY } : {}),
    });
    // A server restart breaks idle connections; the pool replaces them, the process must not die of it.
    pool.on('error', (error) => options.onIdleError?.(error));
    // A session that is ended in the breath in which it became ready is lost before anybody who asked for it listens.
    pool.on('connect', (client) => client.on('error', () => undefined));
    const { url, applicationName } = options;
    const database = new WriterDatabase(pool, { url, name: `${applicationName}-listen` });
    try {
      await refuseMightyRole((sql) => database.query(sql));
    } catch (error) {
      await pool.end();
      throw error;
    }
    return database;
  }

  async query<Row extends pg.QueryResultRow>(statement: Statement | string): Promise<Row[]> {
    const result = await this.pool.query<Row>(asConfig(statement));
    return result.rows;
  }

  /** Commits what `work` did, or rolls back when it throws. Throws CommitUnknown when the end was not seen. */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    { begin = 'BEGIN', withinMs }: TransactionBounds = {},
  ): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // The pool listens to idle connections only: unheard, one that is lost while in use would end the process.
    const onLost = (error: Error): void => {
      broken = error;
    };
    client.on('error', onLost);
    const guard = withinMs === undefined ? undefined : setTimeout(() => hangUp(client), withinMs);
    const ask = inOnePiece(client);
    // Not waited for: it leaves together with the first statement, and is heard with that one's answer.
    const begun = ask(begin);
    begun.catch(() => undefined);
    const query = async <Row extends pg.QueryResultRow>(statement: Statement | string): Promise<Row[]> => {
      const [, { rows }] = await Promise.all([begun, ask<Row>(statement)]);
      return rows;
    };
    const commit = (): Promise<unknown> => ask('COMMIT').then(mustBeCommitted, unknownUnlessAnswered);
    let committed: Promise<unknown> | undefined;
    try {
      const result = await work({
        query,
        queryLast: async <Row extends pg.QueryResultRow>(statement: Statement | string) => {
          const rows = query<Row>(statement);
          // Behind a statement that failed COMMIT rolls back.
          committed = commit();
          committed.catch(() => undefined);
          return rows.catch(unknownUnlessAnswered);
        },
      });
      await (committed ?? commit());
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((lost: Error) => {
        broken = lost;
      });
      throw error;
    } finally {
      clearTimeout(guard);
      client.off('error', onLost);
      client.release(broken);
    }
  }

  async listen(wish: Omit<ListenerOptions, 'url' | 'name'>): Promise<Listening> {
    return new Listener({ ...this.at, ...wish }).start();
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/**
 * The server said no to a statement, and lives: nothing of the transaction was committed. A session that was ended
 * (class 57P, 08) may have been ended between the commit and its answer, and is no answer.
 */
export function isAnswered(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== undefined && !/^(57P|08|XX)/.test(error.code);
}

/** COMMIT of a transaction that failed answers ROLLBACK, and is no error to the driver. */
function mustBeCommitted(result: pg.QueryResult): void {
  if (result.command !== 'COMMIT') throw new Error(`COMMIT was answered by ${result.command}`);
}

type Ask = <Row extends pg.QueryResultRow>(statement: Statement | string) => Promise<pg.QueryResult<Row>>;

/** What is asked in one turn leaves in one write: in several, each would wake the server and be answered by itself. */
function inOnePiece(client: pg.PoolClient): Ask {
  let isHeld = false;
  return async (statement) => {
    if (!isHeld) {
      const stream = streamOf(client);
      isHeld = true;
      stream.cork();
      process.nextTick(() => {
        isHeld = false;
        stream.uncork();
      });
    }
    return client.query(asConfig(statement));
  };
}

function unknownUnlessAnswered(error: unknown): never {
  throw isAnswered(error) ? error : new CommitUnknown('no answer to COMMIT', { cause: error });
}

function asConfig(statement: Statement | string): pg.QueryConfig {
  if (typeof statement === 'string') return { text: statement };
  const config: pg.QueryConfig = { text: statement.text, values: [...(statement.values ?? [])] };
  if (statement.name !== undefined) config.name = statement.name;
  return config;
}
