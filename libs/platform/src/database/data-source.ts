// Platform room. How a pool of entities is opened: never as a role that walks through the walls.
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { refuseMightyRole } from './roles.js';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- the shape TypeORM gives its entity list
export type EntityList = MixedList<Function | string | EntitySchema>;

export interface DataSourceOptions {
  readonly url: string;
  readonly maxConnections: number;
  readonly entities: EntityList;
  readonly applicationName: string;
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
    extra: { connectionTimeoutMillis: 5_000 },
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
