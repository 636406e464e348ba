// Records room. How often something may be done in whatever time: mails may open reviews so often an hour.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RatesOfAnyTime1763700000079 implements MigrationInterface {
  readonly name = 'RatesOfAnyTime1763700000079';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OF_ANY_TIME);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// As `take_rate`, which is this one a minute long: processes that are not replaced yet ask for it.
const OF_ANY_TIME = `
CREATE FUNCTION records.take_rate_within(who text, most integer, lasts interval) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  now_at timestamptz := clock_timestamp();
  share interval := lasts / most;
  until timestamptz;
BEGIN
  INSERT INTO records.rates AS r (name, free_at) VALUES (who, now_at + share)
  ON CONFLICT (name) DO UPDATE SET free_at = greatest(r.free_at, now_at) + share
    WHERE greatest(r.free_at, now_at) + share <= now_at + lasts;
  IF FOUND THEN RETURN 0; END IF;
  SELECT r.free_at INTO until FROM records.rates r WHERE r.name = who;
  RETURN greatest(0.001, extract(epoch FROM until + share - lasts - now_at));
END $$;
REVOKE ALL ON FUNCTION records.take_rate_within FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.take_rate_within TO fm_reader;
CREATE OR REPLACE FUNCTION records.take_rate(who text, per_minute integer) RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT records.take_rate_within(who, per_minute, interval '1 minute')
$$;
`;
