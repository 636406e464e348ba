// Platform room. Entities for a process that serves all tenants: the worker and the operator's commands.
import type { DataSource, EntityManager } from 'typeorm';
import { openDataSource, type DataSourceOptions } from './data-source.js';

export class EntityDatabase {
  private constructor(private readonly source: DataSource) {}

  static async open(options: DataSourceOptions): Promise<EntityDatabase> {
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
