// Records room. A visitor's transaction sees what is that visitor's own, and of everything else nothing: whatever a
// statement of ours forgets, and in both schemas. A table that is added later needs a wall too (visitor-walls.spec).
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WallsOfVisitors1763700000039 implements MigrationInterface {
  readonly name = 'WallsOfVisitors1763700000039';

  async up(runner: QueryRunner): Promise<void> {
    const policies = [...NOTHING.map(nothing), ...Object.entries(OWN).map(own), ...SETTINGS.map(unchanged)];
    await runner.query([...policies, BUYING, AUDITING].join('\n'));
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only: restore a backup instead');
  }
}

// Restrictive: they take away from what the policies of the tenant allow, and only where the subject is a visitor.
// Asked once for each statement, so everybody else pays nothing for each row.
const SUBJECT = `(SELECT current_setting('fm.subject', true))`;
const NO_VISITOR = `(SELECT current_setting('fm.subject', true) NOT LIKE 'vis\\_%')`;

/** Whoever decides what a visitor's request would cost, and whom, reads these as the bot and shows none of it. */
const NOTHING = [
  ...['bot_guides', 'bot_transfers', 'campaigns'].map((name) => `records.${name}`),
  ...['users', 'memberships', 'invitations', 'sessions', 'api_keys'].map((name) => `records.${name}`),
  ...['quotes', 'job_versions', 'replies'].map((name) => `records.${name}`),
  ...['limits', 'counters', 'hold_counters'].map((name) => `ledger.${name}`),
];

function nothing(table: string): string {
  return `CREATE POLICY visitors_nothing ON ${table} AS RESTRICTIVE TO fm_reader
    USING (${NO_VISITOR}) WITH CHECK (${NO_VISITOR});`;
}

/** The scope of what somebody bought at one bot ends with who that is. */
const ofScope = (column: string): string => `split_part(${column}, '/', 3) = ${SUBJECT}`;

/** What is seen through another table is seen as far as that one shows it. */
const OWN: Readonly<Record<string, string>> = {
  'ledger.scopes': ofScope('id'),
  'ledger.terms': ofScope('scope_id'),
  'ledger.operations': ofScope('scope_id'),
  'ledger.lots': ofScope('scope_id'),
  'ledger.holds': ofScope('scope_id'),
  'ledger.hold_lines': 'EXISTS (SELECT FROM ledger.holds h WHERE h.id = hold_lines.hold_id)',
  'ledger.entries': ofScope('scope_id'),
  'ledger.loop_findings': 'EXISTS (SELECT FROM ledger.jobs j WHERE j.id = loop_findings.job_id)',
  'records.purchase_parts': 'EXISTS (SELECT FROM records.purchases p WHERE p.id = purchase_parts.purchase_id)',
  // The one that serves them; asked of a function, because policies of other tables look at bots and would go round.
  'records.bots': `id = (SELECT v.bot_id FROM records.find_visitor(${SUBJECT}) v)`,
};

function own([table, condition]: readonly [string, string]): string {
  return `CREATE POLICY visitors_own_use ON ${table} AS RESTRICTIVE FOR SELECT TO fm_reader
    USING (${NO_VISITOR} OR ${condition});`;
}

/** What serves a visitor, and what is offered: seen as far as it is the account's, and changed by no visitor. */
const SETTINGS = ['accounts', 'bots', 'products'];

function unchanged(table: string): string {
  return `CREATE POLICY visitors_add_none ON records.${table} AS RESTRICTIVE FOR INSERT TO fm_reader
    WITH CHECK (${NO_VISITOR});
  CREATE POLICY visitors_change_none ON records.${table} AS RESTRICTIVE FOR UPDATE TO fm_reader USING (${NO_VISITOR});`;
}

// Other bots of a pack are hidden from its buyer, who has to know whether their parts would be good for anything.
const BUYING = `
CREATE FUNCTION records.is_sold_for(bot text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM records.bots b WHERE b.id = bot AND b.archived_at IS NULL AND b.visibility = 'public'
    AND b.sales_mode = 'platform_sells')
$$;
REVOKE ALL ON FUNCTION records.is_sold_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records.is_sold_for TO fm_reader;
CREATE POLICY visitors_own_purchase ON records.purchases AS RESTRICTIVE FOR INSERT TO fm_reader
  WITH CHECK (${NO_VISITOR} OR ${ofScope('scope_id')});`;

const AUDITING = `
CREATE POLICY visitors_own_line ON records.audit AS RESTRICTIVE FOR INSERT TO fm_reader
  WITH CHECK (${NO_VISITOR} OR actor_id = ${SUBJECT});`;
