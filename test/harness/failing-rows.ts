// Test harness. Rows that the database does not take: a trigger of the test refuses those of an account, with the error
// code that the test chooses, as often as it says. Postgres is real, and so is its answer.
import { withClient } from '@fairmeter/platform/database';
import type { TestStack } from './test-stack.js';

/** A step that ends, or a model's answer that is kept. */
export type FailingRow = 'ended step' | 'answer';

export interface RowFault {
  readonly row: FailingRow;
  /** Of SQL: a broken rule such as 23514, or an outage such as 57P03. */
  readonly code: string;
  readonly times: number;
}

export class FailingRows {
  private constructor(private readonly ownerUrl: string) {}

  static async lay(stack: TestStack): Promise<FailingRows> {
    const { ownerUrl } = stack.database;
    await withClient(ownerUrl, (client) => client.query(TRAP));
    return new FailingRows(ownerUrl);
  }

  async fail(accountId: string, { row, code, times }: RowFault): Promise<void> {
    await withClient(this.ownerUrl, async (client) => {
      // What is counted by a sequence stays counted when its transaction is taken back.
      await client.query(`CREATE SEQUENCE ledger."${accountId}"`);
      await client.query('INSERT INTO ledger.test_faults VALUES ($1, $2, $3, $4)', [accountId, row, code, times]);
    });
  }

  async heal(accountId: string): Promise<void> {
    await withClient(this.ownerUrl, (client) =>
      client.query('DELETE FROM ledger.test_faults WHERE account_id = $1', [accountId]),
    );
  }

  async struck(accountId: string): Promise<number> {
    const found = await withClient(this.ownerUrl, (client) =>
      client.query<{ struck: number }>(`SELECT last_value::int AS struck FROM ledger."${accountId}"`),
    );
    return found.rows[0]?.struck ?? 0;
  }
}

const TRAP = `
CREATE TABLE ledger.test_faults (
  account_id text PRIMARY KEY, failing_row text NOT NULL, code text NOT NULL, times integer NOT NULL);
CREATE FUNCTION ledger.test_strike() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE fault ledger.test_faults;
BEGIN
  SELECT * INTO fault FROM ledger.test_faults f WHERE f.account_id = NEW.account_id AND f.failing_row = TG_ARGV[0];
  IF FOUND AND nextval(format('ledger.%I', NEW.account_id)::regclass) <= fault.times THEN
    RAISE EXCEPTION 'this row is refused' USING ERRCODE = fault.code;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER test_strike BEFORE INSERT OR UPDATE ON ledger.steps FOR EACH ROW
  WHEN (NEW.state = 'ended') EXECUTE FUNCTION ledger.test_strike('ended step');
CREATE TRIGGER test_strike BEFORE INSERT ON records.texts FOR EACH ROW
  WHEN (NEW.purpose = 'answer') EXECUTE FUNCTION ledger.test_strike('answer');
`;
