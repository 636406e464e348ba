// Activities room. Our own count of tokens, kept for texts that come again: the system text of a stage and the prompt
// of a job are sent with every turn, and a large one is dear to count.
import { countTokens } from '@fairmeter/providers/tokens';

const KEPT_CHARACTERS = 8_388_608;

export class TokenShelf {
  /** By family and text, the one used longest ago first. */
  private readonly kept = new Map<string, Promise<number>>();
  private keptCharacters = 0;

  async count(family: string, text: string): Promise<number> {
    const key = `${family}\n${text}`;
    const known = this.kept.get(key);
    this.kept.delete(key);
    const counted = known ?? countTokens(family, text).then(({ tokens }) => tokens);
    this.kept.set(key, counted);
    if (known === undefined) this.keptCharacters += key.length;
    // A count that broke is no answer for those who ask later.
    counted.catch(() => {
      if (this.kept.delete(key)) this.keptCharacters -= key.length;
    });
    for (const oldest of this.kept.keys()) {
      if (this.keptCharacters <= KEPT_CHARACTERS) break;
      this.kept.delete(oldest);
      this.keptCharacters -= oldest.length;
    }
    return counted;
  }

  async countAll(family: string, texts: readonly string[]): Promise<number> {
    let tokens = 0;
    for (const text of texts) tokens += await this.count(family, text);
    return tokens;
  }
}
