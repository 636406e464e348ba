// API room. What a bot is told before every request: a change is a new version, and the same again is none.
import type { GuideBodies, GuideKind } from '@fairmeter/domain';
import { canonicalJson, guideText } from '@fairmeter/domain';
import type { JsonValue } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { GuideVersion } from '@fairmeter/records';
import { addGuide, changeBot, findBot, findGuide, lockBot } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import type { Asked } from '../changes/changes.js';
import { Changes, note } from '../changes/changes.js';
import { countText } from '../jobs/admission-wish.js';
import { ProblemError } from '../problems/problem-error.js';
import { found } from './bot-desk.js';

export interface GuideOf<K extends GuideKind> {
  readonly botId: string;
  readonly kind: K;
}

@Injectable()
export class GuideDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
  ) {}

  async read<K extends GuideKind>(caller: Caller, of: GuideOf<K>, version: number | null): Promise<GuideVersion<K>> {
    const guide = await this.database.asTenant(tenantOf(caller), async (tx) => {
      found(await findBot(tx, of.botId));
      return findGuide(tx, of, version);
    });
    if (guide === null) throw new ProblemError('guide_not_found', 'The bot has none, or no such version of it.');
    return guide;
  }

  async write<K extends GuideKind>(asked: Asked, of: GuideOf<K>, body: GuideBodies[K]): Promise<GuideVersion<K>> {
    const { botId, kind } = of;
    const text = guideText(kind, body);
    // Counted before the bot is locked: a long one takes its time.
    const size = { bytes: Buffer.byteLength(text), tokens: await countText(text) };
    return this.changes.make(asked, async (changing) => {
      const { tx, caller, now } = changing;
      const bot = found(await lockBot(tx, botId));
      const before = await findGuide(tx, of, null);
      if (before !== null && isSame(before.body, body)) return before;
      const part = { version: (before?.version ?? 0) + 1, ...size };
      const madeBy = actorOf(caller);
      await addGuide(tx, { botId, kind, body, madeBy, ...part });
      await changeBot(tx, { ...bot, guide: { ...bot.guide, [kind]: part } });
      const was = before === null ? null : { version: before.version, bytes: before.bytes, tokens: before.tokens };
      await note(changing, { action: `bot.${kind}_changed`, targetId: botId, before: was, after: part });
      return { ...part, body, madeBy, madeAt: now };
    });
  }
}

function isSame(one: object, other: object): boolean {
  return canonicalJson(one as JsonValue) === canonicalJson(other as JsonValue);
}
