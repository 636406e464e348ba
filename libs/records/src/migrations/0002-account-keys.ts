// Records room. Keys that speak for a whole account and for no single bot.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccountKeys1763700000003 implements MigrationInterface {
  readonly name = 'AccountKeys1763700000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE records.api_keys ALTER COLUMN bot_id DROP NOT NULL');
    // Whoever embeds a bot holds its key: it must never be able to open the owner's books.
    await runner.query(
      `ALTER TABLE records.api_keys ADD CONSTRAINT api_keys_account_scope
       CHECK (bot_id IS NULL OR NOT 'account' = ANY (scopes))`,
    );
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}
