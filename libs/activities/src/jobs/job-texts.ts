// Activities room. Prompts and answers of open jobs, at hand between their steps: a text never changes under its id, so
// what lies here can only be right or missing. It goes with its job, and forgetting it costs a read.
import type { EntityManager } from '@fairmeter/platform/database';
import { readTexts } from '@fairmeter/records';

/** Of all jobs together, and of one text: a larger one is read again for each step, as it would push out the others. */
const KEPT_CHARACTERS = 16 * 1_048_576;
const LONGEST_KEPT = 1_048_576;

export class JobTexts {
  /** By job, the one that was asked for longest ago first. */
  private readonly jobs = new Map<string, Map<string, string>>();
  private keptCharacters = 0;

  /** Those that are on record; only what is not at hand is read. */
  async read(manager: EntityManager, jobId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const kept = this.take(jobId);
    const texts = new Map<string, string>();
    for (const id of ids) {
      const known = kept.get(id);
      if (known !== undefined) texts.set(id, known);
    }
    const missing = ids.filter((id) => !texts.has(id));
    if (missing.length === 0) return texts;
    for (const [id, body] of await readTexts(manager, missing)) {
      texts.set(id, body);
      this.keep(jobId, id, body);
    }
    return texts;
  }

  /** As it is stored, once it is. */
  keep(jobId: string, id: string, body: string): void {
    const texts = this.take(jobId);
    if (texts.has(id) || body.length > LONGEST_KEPT) return;
    texts.set(id, body);
    this.keptCharacters += body.length;
    for (const oldest of this.jobs.keys()) {
      if (this.keptCharacters <= KEPT_CHARACTERS) break;
      this.forget(oldest);
    }
  }

  forget(jobId: string): void {
    for (const body of this.jobs.get(jobId)?.values() ?? []) this.keptCharacters -= body.length;
    this.jobs.delete(jobId);
  }

  /** What there is of the job, which so is the one used last. */
  private take(jobId: string): Map<string, string> {
    const texts = this.jobs.get(jobId) ?? new Map<string, string>();
    this.jobs.delete(jobId);
    this.jobs.set(jobId, texts);
    return texts;
  }
}
