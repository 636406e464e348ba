// Ledger room. The scopes of an account, its visitors' too: whoever follows some accounts reads no others.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ScopesOfAccounts1763700000065 implements MigrationInterface {
  readonly name = 'ScopesOfAccounts1763700000065';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX scopes_of_account ON ledger.scopes (account_id)');
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
