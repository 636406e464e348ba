// Records room. Whoever may read a job may read which files it made; their contents stay with the writer.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ListedFiles1763700000017 implements MigrationInterface {
  readonly name = 'ListedFiles1763700000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('GRANT SELECT ON records.workspace_trees TO fm_reader');
    await runner.query(
      `CREATE POLICY own_tenant ON records.workspace_trees FOR SELECT TO fm_reader
       USING (account_id = current_setting('fm.account', true))`,
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
