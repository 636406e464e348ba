// Records room. How often something may be done in whatever time: mails may open reviews so often an hour.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RatesOfAnyTime1763700000079 implements MigrationInterface {
  readonly name = 'RatesOfAnyTime1763700000079';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [OF_ANY_TIME, TOGETHER]) await runner.query(part);
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
CREATE OR REPLACE FUNCTION records.take_rate(who text, per_minute integer) RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT records.take_rate_within(who, per_minute, interval '1 minute')
$$;
`;

// All or none: whoever is refused for one has not paid with another.
const TOGETHER = `
CREATE FUNCTION records.take_rates(who text[], most integer[], lasts interval[], OUT refused integer,
  OUT wait double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  refused := 0;
  wait := 0;
  FOR i IN 1 .. cardinality(who) LOOP
    wait := records.take_rate_within(who[i], most[i], lasts[i]);
    IF wait > 0 THEN
      refused := i;
      RAISE EXCEPTION USING ERRCODE = 'FM429';
    END IF;
  END LOOP;
EXCEPTION WHEN SQLSTATE 'FM429' THEN
  RETURN;
END $$;
REVOKE ALL ON FUNCTION records.take_rates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.take_rates TO fm_reader;
`;
