// Activities room. What bots are told, at hand between the steps of their jobs: a version never changes, so what lies
// here can only be right or missing. Jobs of one bot share it.
import type { GuideVersions } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { readGuideText } from '@fairmeter/records';

const KEPT_CHARACTERS = 8_388_608;

export class GuideShelf {
  /** By bot and versions, the one used longest ago first. */
  private readonly kept = new Map<string, string>();
  private keptCharacters = 0;

  async text(manager: EntityManager, botId: string, versions: GuideVersions | null): Promise<string> {
    if (versions === null) return '';
    const key = `${botId}/${versions.snippets ?? 0}/${versions.profile ?? 0}/${versions.style_guide ?? 0}`;
    const known = this.kept.get(key);
    if (known !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    const text = await readGuideText(manager, botId, versions);
    if (!this.kept.has(key)) this.keptCharacters += text.length;
    this.kept.set(key, text);
    for (const [oldest, { length }] of this.kept) {
      if (this.keptCharacters <= KEPT_CHARACTERS) break;
      this.kept.delete(oldest);
      this.keptCharacters -= length;
    }
    return text;
  }
}
