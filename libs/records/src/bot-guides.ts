// Records room. What a bot is told, in versions that are only added, and which of them each job used.
import type { GuideBodies, GuideKind, GuidePart, GuideVersions, Instant } from '@fairmeter/domain';
import { GUIDE_KINDS, guideText, instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface GuideVersion<K extends GuideKind = GuideKind> extends GuidePart {
  readonly body: GuideBodies[K];
  readonly madeBy: { readonly role: string; readonly id: string };
  readonly madeAt: Instant;
}

interface Row<K extends GuideKind> {
  readonly version: number;
  readonly body: GuideBodies[K];
  readonly bytes: number;
  readonly tokens: number;
  readonly made_by_role: string;
  readonly made_by_id: string;
  readonly made_at: Date;
}

/** The one asked for, or the latest; null where there is none. */
export async function findGuide<K extends GuideKind>(
  tx: EntityManager,
  { botId, kind }: { readonly botId: string; readonly kind: K },
  version: number | null,
): Promise<GuideVersion<K> | null> {
  const rows = await tx.query<Row<K>[]>(
    `SELECT version, body, bytes, tokens, made_by_role, made_by_id, made_at FROM records.bot_guides
     WHERE bot_id = $1 AND kind = $2 AND ($3::int IS NULL OR version = $3) ORDER BY version DESC LIMIT 1`,
    [botId, kind, version],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { made_by_role: role, made_by_id: id, made_at: madeAt, ...of } = row;
  return { ...of, madeBy: { role, id }, madeAt: instantOfDate(madeAt) };
}

export interface NewGuide<K extends GuideKind> extends GuidePart {
  readonly botId: string;
  readonly kind: K;
  readonly body: GuideBodies[K];
  readonly madeBy: { readonly role: string; readonly id: string };
}

export async function addGuide<K extends GuideKind>(tx: EntityManager, guide: NewGuide<K>): Promise<void> {
  await tx.query(
    `INSERT INTO records.bot_guides (bot_id, kind, version, body, bytes, tokens, made_by_role, made_by_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      guide.botId,
      guide.kind,
      guide.version,
      JSON.stringify(guide.body),
      guide.bytes,
      guide.tokens,
      guide.madeBy.role,
      guide.madeBy.id,
    ],
  );
}

export interface JobVersions {
  readonly jobId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly versions: GuideVersions;
}

/** With the job's admission; what an earlier try of it wrote stands. */
export async function saveJobVersions(
  tx: EntityManager,
  { jobId, accountId, botId, versions }: JobVersions,
): Promise<boolean> {
  const written = await tx.query<unknown[]>(
    `INSERT INTO records.job_versions (job_id, account_id, bot_id, profile, style_guide, snippets)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (job_id) DO NOTHING RETURNING job_id`,
    [jobId, accountId, botId, versions.profile, versions.style_guide, versions.snippets],
  );
  return written.length > 0;
}

/** Null for a job of a bot that was told nothing. */
export async function findJobVersions(tx: EntityManager, jobId: string): Promise<GuideVersions | null> {
  const rows = await tx.query<GuideVersions[]>(
    'SELECT profile, style_guide, snippets FROM records.job_versions WHERE job_id = $1',
    [jobId],
  );
  return rows[0] ?? null;
}

/** Of those that were told anything. */
export async function readJobVersions(
  tx: EntityManager,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, GuideVersions>> {
  const rows = await tx.query<(GuideVersions & { readonly job_id: string })[]>(
    'SELECT job_id, profile, style_guide, snippets FROM records.job_versions WHERE job_id = ANY ($1)',
    [jobIds],
  );
  return new Map(rows.map(({ job_id: jobId, ...versions }) => [jobId, versions]));
}

/** As it is said to a model; a version that was emptied says nothing. */
export async function readGuideText(tx: EntityManager, botId: string, versions: GuideVersions): Promise<string> {
  const texts: string[] = [];
  for (const kind of GUIDE_KINDS) texts.push(await textOf(tx, { botId, kind }, versions[kind]));
  return texts.join('');
}

async function textOf<K extends GuideKind>(
  tx: EntityManager,
  of: { readonly botId: string; readonly kind: K },
  version: number | null,
): Promise<string> {
  const found = version === null ? null : await findGuide(tx, of, version);
  return found === null || Object.keys(found.body).length === 0 ? '' : guideText(of.kind, found.body);
}
