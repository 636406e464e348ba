// Records room. What of a bot decides who pays for its visitors, and which changes of an account's terms were written.
import type { BotFunding, FundingMode, SalesMode } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** What the owner sets; who may see a bot is another matter. */
export type FundingSettings = Pick<BotFunding, 'salesMode' | 'fundingMode' | 'publicMayUseBonus'>;

interface FundingRow {
  readonly sales_mode: SalesMode;
  readonly funding_mode: FundingMode;
  readonly public_may_use_bonus: boolean;
}

/** Null where the account has no such bot. */
export async function readFunding(
  tx: EntityManager,
  accountId: string,
  botId: string,
): Promise<FundingSettings | null> {
  const rows = await tx.query<FundingRow[]>(
    'SELECT sales_mode, funding_mode, public_may_use_bonus FROM records.bots WHERE id = $1 AND account_id = $2',
    [botId, accountId],
  );
  return rows[0] === undefined ? null : fundingOf(rows[0]);
}

export function fundingOf(row: FundingRow): FundingSettings {
  return {
    salesMode: row.sales_mode,
    fundingMode: row.funding_mode,
    publicMayUseBonus: row.public_may_use_bonus,
  };
}

export async function writeFunding(
  tx: EntityManager,
  bot: { readonly botId: string; readonly accountId: string },
  funding: FundingSettings,
): Promise<void> {
  await tx.query(
    `UPDATE records.bots SET sales_mode = $2, funding_mode = $3, public_may_use_bonus = $4
     WHERE id = $1 AND account_id = $5`,
    [bot.botId, funding.salesMode, funding.fundingMode, funding.publicMayUseBonus, bot.accountId],
  );
}

export interface TermsChangeKey {
  readonly accountId: string;
  readonly key: string;
  readonly bodyHash: string;
}

/** Nothing is known of it; it was begun and is not written; it is written; or its key was used for something else. */
export type TermsChangeState = 'unknown' | 'begun' | 'written' | 'mismatch';

export async function readTermsChange(tx: EntityManager, change: TermsChangeKey): Promise<TermsChangeState> {
  const [known] = await tx.query<{ body_hash: string; written: boolean }[]>(
    'SELECT body_hash, written_at IS NOT NULL AS written FROM records.terms_changes WHERE key = $1',
    [nameOf(change)],
  );
  if (known === undefined) return 'unknown';
  if (known.body_hash !== change.bodyHash) return 'mismatch';
  return known.written ? 'written' : 'begun';
}

/** Before anything is changed: from then on its key means this change and no other. Claimed again it stays as it is. */
export async function claimTermsChange(tx: EntityManager, change: TermsChangeKey): Promise<void> {
  await tx.query(
    `INSERT INTO records.terms_changes (key, account_id, body_hash) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
    [nameOf(change), change.accountId, change.bodyHash],
  );
}

/** In the transaction of the change's last rows: true to whoever writes them, and to nobody after. */
export async function markTermsWritten(tx: EntityManager, change: TermsChangeKey): Promise<boolean> {
  const [marked] = await tx.query<[unknown[], number]>(
    `UPDATE records.terms_changes SET written_at = clock_timestamp() WHERE key = $1 AND written_at IS NULL
     RETURNING key`,
    [nameOf(change)],
  );
  return marked.length > 0;
}

function nameOf({ accountId, key }: TermsChangeKey): string {
  return `${accountId}/${key}`;
}
