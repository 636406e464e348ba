// Platform room. How a pool of entities is opened: never as a role that walks through the walls.
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { KEEP_ALIVE, type Bounded } from './bounded-client.js';
import { PlanningClient, type Planning } from './planning-client.js';
import { refuseMightyRole } from './roles.js';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the shape TypeORM gives its entity list
export type EntityList = MixedList<Function | string | EntitySchema>;

export interface DataSourceOptions extends Bounded {
  readonly url: string;
  readonly maxConnections: number;
  readonly entities: EntityList;
  readonly applicationName: string;
  /** False where a later commit of another connection makes durable what is written here; true unless said. */
  readonly waitForDisk?: boolean;
  /** Which statements Postgres plans once per connection; those that say so, unless said. */
  readonly plansOnce?: Planning;
}

export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities,
    synchronize: false,
    logging: false,
    poolSize: options.maxConnections,
    applicationName: options.applicationName,
    extra: {
      connectionTimeoutMillis: 5_000,
      ...KEEP_ALIVE,
      Client: PlanningClient,
      plansOnce: options.plansOnce ?? 'marked',
      answersWithinMs: options.answersWithinMs,
      ...(options.waitForDisk === false ? { options: '-c synchronous_commit=off' } : {}),
    },
  });
  await source.initialize();
  try {
    await refuseMightyRole((sql) => source.query<unknown[]>(sql));
  } catch (error) {
    await source.destroy();
    throw error;
  }
  return source;
}
