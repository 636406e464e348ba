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

/** In the transaction of the change: `new` to whoever is the first to write under this key. */
export async function claimTermsChange(
  tx: EntityManager,
  { accountId, key, bodyHash }: TermsChangeKey,
): Promise<'new' | 'known' | 'mismatch'> {
  const named = `${accountId}/${key}`;
  const claimed = await tx.query<unknown[]>(
    `INSERT INTO records.terms_changes (key, account_id, body_hash) VALUES ($1, $2, $3)
     ON CONFLICT (key) DO NOTHING RETURNING key`,
    [named, accountId, bodyHash],
  );
  if (claimed.length > 0) return 'new';
  const [known] = await tx.query<{ body_hash: string }[]>(
    'SELECT body_hash FROM records.terms_changes WHERE key = $1',
    [named],
  );
  return known?.body_hash === bodyHash ? 'known' : 'mismatch';
}
