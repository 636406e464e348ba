// Test harness. The rows of a ledger as they were when it was made: hands that change them one after the other each
// find what the first one found, without a ledger made anew for each.
import { withClient } from '@fairmeter/platform/database';

const EACH_TABLE = "FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'ledger' ORDER BY tablename LOOP";

const KEEP = `DO $$ DECLARE t text; BEGIN
  CREATE SCHEMA kept_rows;
  ${EACH_TABLE}
    EXECUTE format('CREATE TABLE kept_rows.%I AS TABLE ledger.%I', t, t);
  END LOOP; END $$`;

const BRING_BACK = `DO $$ DECLARE t text; BEGIN
  ${EACH_TABLE}
    EXECUTE format('DELETE FROM ledger.%I', t);
    EXECUTE format('INSERT INTO ledger.%I TABLE kept_rows.%I', t, t);
  END LOOP; END $$`;

export class KeptRows {
  private constructor(private readonly adminUrl: string) {}

  static async of(adminUrl: string): Promise<KeptRows> {
    await withClient(adminUrl, (admin) => admin.query(KEEP));
    return new KeptRows(adminUrl);
  }

  /** As no role of ours could: without triggers and without foreign keys. */
  async tamper(...statements: readonly string[]): Promise<void> {
    await withClient(this.adminUrl, async (admin) => {
      await admin.query('SET session_replication_role = replica');
      for (const sql of statements) await admin.query(sql);
    });
  }

  async bringBack(): Promise<void> {
    await this.tamper(BRING_BACK);
  }
}
