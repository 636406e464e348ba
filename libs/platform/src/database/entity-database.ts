// Platform room. Entities for a process that serves all tenants: the worker and the operator's commands.
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { refuseMightyRole } from './roles.js';
import type { TenantDatabaseOptions } from './tenant-database.js';

export class EntityDatabase {
  private constructor(private readonly source: DataSource) {}

  static async open(options: TenantDatabaseOptions): Promise<EntityDatabase> {
    return new EntityDatabase(await openDataSource(options));
  }

  get manager(): EntityManager {
    return this.source.manager;
  }

  async transaction<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.source.transaction(work);
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}

export async function openDataSource(options: TenantDatabaseOptions): Promise<DataSource> {
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
