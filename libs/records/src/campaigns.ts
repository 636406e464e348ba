// Records room. Giveaways of a bot: their names and windows. What they may give are limits of the ledger.
import type { CampaignTerms } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface Campaign extends CampaignTerms {
  readonly accountId: string;
  readonly name: string;
}

interface CampaignRow {
  readonly id: string;
  readonly account_id: string;
  readonly bot_id: string;
  readonly name: string;
  readonly starts_at: Date;
  readonly ends_at: Date | null;
}

const FIELDS = 'id, account_id, bot_id, name, starts_at, ends_at';

export async function findCampaign(tx: EntityManager, accountId: string, id: string): Promise<Campaign | null> {
  const rows = await tx.query<CampaignRow[]>(
    `SELECT ${FIELDS} FROM records.campaigns WHERE id = $1 AND account_id = $2`,
    [id, accountId],
  );
  return rows[0] === undefined ? null : campaignOf(rows[0]);
}

export interface CampaignPage {
  readonly botId?: string | undefined;
  /** The id that the page before ended with. */
  readonly after: string | null;
  readonly limit: number;
}

/** The newest first. */
export async function listCampaigns(
  tx: EntityManager,
  accountId: string,
  { botId, after, limit }: CampaignPage,
): Promise<Campaign[]> {
  const rows = await tx.query<CampaignRow[]>(
    `SELECT ${FIELDS} FROM records.campaigns WHERE account_id = $1 AND ($2::text IS NULL OR bot_id = $2)
       AND ($3::text IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [accountId, botId ?? null, after, limit],
  );
  return rows.map(campaignOf);
}

/** Of one id there is one campaign; its bot and account stay. */
export async function saveCampaign(tx: EntityManager, campaign: Campaign): Promise<void> {
  const { id, accountId, botId, name, startsAt, endsAt } = campaign;
  await tx.query(
    `INSERT INTO records.campaigns (${FIELDS}) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
    [id, accountId, botId, name, new Date(startsAt), endsAt === null ? null : new Date(endsAt)],
  );
}

function campaignOf(row: CampaignRow): Campaign {
  return {
    id: row.id,
    accountId: row.account_id,
    botId: row.bot_id,
    name: row.name,
    startsAt: instantOfDate(row.starts_at),
    endsAt: row.ends_at === null ? null : instantOfDate(row.ends_at),
  };
}
