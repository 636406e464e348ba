// Records room. A bot moves with its visitors. What is of a bot is found by the bot: to whom the bot belongs now, that
// account's are its visitors and the credits they have at it. A move changes the bot and what is on offer at it, and no
// row of what was done before it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Moves1763700000034 implements MigrationInterface {
  readonly name = 'Moves1763700000034';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [VISITORS, CREDITS, OWN_PAST, ACCEPTING]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

const MINE = `account_id = current_setting('fm.account', true)`;
const OF_MY_BOT = (botId: string): string => `EXISTS (SELECT FROM records.bots b WHERE b.id = ${botId} AND b.${MINE})`;

// The account on a visitor's row is the one that met the visitor first.
const VISITORS = `
ALTER POLICY own_tenant ON records.visitors USING (${OF_MY_BOT('bot_id')});
ALTER POLICY own_tenant_adds ON records.visitors WITH CHECK (${MINE} AND ${OF_MY_BOT('bot_id')});
CREATE OR REPLACE FUNCTION records.find_visitor(visitor text)
RETURNS TABLE (account_id text, bot_id text, deleted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT b.account_id, v.bot_id, v.deleted_at FROM records.visitors v JOIN records.bots b ON b.id = v.bot_id
  WHERE v.id = visitor
$$;
`;

// A scope of a visitor names its bot. Beside the account in whose books a row was written, whoever has the bot now
// reads it; the second question is asked only where the first says no.
const TABLES_OF_A_SCOPE = ['lots', 'terms', 'limits', 'counters', 'operations', 'entries'];
const CREDITS = [['scopes', 'scopes.id'] as const, ...TABLES_OF_A_SCOPE.map((table) => [table, 'scope_id'] as const)]
  .map(
    ([table, scope]) => `
CREATE POLICY visitors_of_own_bot ON ledger.${table} FOR SELECT TO fm_reader
  USING (${scope} LIKE 'end\\_user/%' AND ${OF_MY_BOT(`split_part(${scope}, '/', 2)`)});`,
  )
  .join('');

// What a visitor asked for under an earlier owner stays in that owner's books, and is the visitor's own all the same.
// The subject of a transaction is a visitor's only where that visitor asks.
const SUBJECT = `(SELECT current_setting('fm.subject', true))`;
const BY_VISITOR = `(SELECT current_setting('fm.subject', true) LIKE 'vis\\_%')`;
const ownPast = (table: string, own: string): string => `
CREATE POLICY visitors_own_past ON ${table} FOR SELECT TO fm_reader USING (${BY_VISITOR} AND ${own});`;
const OWN_PAST = [
  ...['texts', 'workspace_blobs', 'workspace_trees', 'artefacts', 'unpacked_jobs'].map((table) =>
    ownPast(`records.${table}`, `subject = ${SUBJECT}`),
  ),
  ownPast('records.visitor_jobs', `visitor_id = ${SUBJECT}`),
  ownPast('records.purchases', `buyer_id = ${SUBJECT}`),
  ownPast('ledger.jobs', `requester_kind = 'visitor' AND requester_id = ${SUBJECT}`),
  ...['steps', 'attempts', 'outbox'].map((table) =>
    ownPast(
      `ledger.${table}`,
      `EXISTS (SELECT FROM ledger.jobs j WHERE j.id = ${table}.job_id AND j.requester_id = ${SUBJECT})`,
    ),
  ),
].join('');

// What is offered for this bot alone is offered by whose bot it is. What the account before pays for or promised ends
// with the move: campaigns, packs of several bots, bonus for the public.
const ACCEPTING = `
CREATE OR REPLACE FUNCTION records.accept_bot_transfer(transfer text, who text, line text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  offer records.bot_transfers;
  bot records.bots;
  mine text := current_setting('fm.account', true);
  moment timestamptz := clock_timestamp();
BEGIN
  SELECT * INTO offer FROM records.bot_transfers t WHERE t.id = transfer AND t.to_account = mine FOR UPDATE;
  IF NOT FOUND THEN RETURN 'not_found'; END IF;
  IF offer.state <> 'offered' THEN RETURN 'over'; END IF;
  SELECT * INTO bot FROM records.bots b WHERE b.id = offer.bot_id FOR UPDATE;
  IF bot.account_id <> offer.from_account THEN RETURN 'over'; END IF;
  UPDATE records.bots SET account_id = mine, visibility = 'private', public_may_use_bonus = false WHERE id = bot.id;
  UPDATE records.api_keys SET revoked_at = moment WHERE bot_id = bot.id AND revoked_at IS NULL;
  UPDATE records.campaigns SET ends_at = greatest(moment, starts_at + interval '1 millisecond')
  WHERE bot_id = bot.id AND account_id = offer.from_account AND (ends_at IS NULL OR ends_at > moment);
  UPDATE records.products p SET offered = false
  WHERE p.offered AND EXISTS (SELECT FROM records.product_allowances a WHERE a.product_id = p.id AND a.bot_id = bot.id)
    AND EXISTS (SELECT FROM records.product_allowances a WHERE a.product_id = p.id AND a.bot_id <> bot.id);
  WITH moved AS (
    UPDATE records.products p SET account_id = mine
    WHERE p.offered
      AND EXISTS (SELECT FROM records.product_allowances a WHERE a.product_id = p.id AND a.bot_id = bot.id)
    RETURNING p.id
  ) UPDATE records.product_allowances a SET account_id = mine FROM moved WHERE a.product_id = moved.id;
  UPDATE records.bot_transfers SET state = 'accepted', ended_by = who, ended_at = moment WHERE id = offer.id;
  INSERT INTO records.audit (id, account_id, actor_role, actor_id, action, target_id, before, after)
  VALUES (line, offer.from_account, 'other_account', mine, 'bot.moved_away', bot.id,
    jsonb_build_object('account_id', offer.from_account), jsonb_build_object('account_id', mine));
  RETURN 'accepted';
END $$;
`;
