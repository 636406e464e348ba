// Platform room. Runs the migrations that a room hands over, as the owner of the tables.
import type { MigrationInterface, MixedList } from 'typeorm';
import { DataSource } from 'typeorm';

export type MigrationClass = new () => MigrationInterface;

/** Rooms number their migrations in one series, by the time of writing; a database gets them in that order. */
export function inOrder(...rooms: readonly (readonly MigrationClass[])[]): readonly MigrationClass[] {
  const number = (Migration: MigrationClass): number => Number(/\d+$/.exec(new Migration().name ?? '')?.[0]);
  return rooms.flat().sort((a, b) => number(a) - number(b));
}

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
