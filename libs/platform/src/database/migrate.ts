// Platform room. Runs the migrations that a room hands over, as the owner of the tables.
import type { MigrationInterface, MixedList } from 'typeorm';
import { DataSource } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

export async function runMigrations(
  ownerUrl: string,
  migrations: readonly MigrationClass[],
): Promise<readonly string[]> {
  const source = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: migrations as MixedList<MigrationClass>,
    migrationsTableName: 'migrations',
    schema: 'fm_meta',
    synchronize: false,
    logging: ['error'],
    poolSize: 2,
  });
  await source.initialize();
  try {
    await source.query('SELECT pg_advisory_lock(7105002)');
    await source.query('CREATE SCHEMA IF NOT EXISTS fm_meta');
    const done = await source.runMigrations({ transaction: 'each' });
    return done.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}
