// Records room. Forgetting: all words and files of one subject go, in every account in which there may be any.
import type { EntityManager } from 'typeorm';
import { eraseTexts } from './texts.js';
import { eraseWorkspaces } from './workspaces.js';

export interface WordsOf {
  readonly subject: string;
  readonly accountIds: readonly string[];
}

/** Some at a time; false once nothing was left. */
export async function eraseWords(tx: EntityManager, { subject, accountIds }: WordsOf): Promise<boolean> {
  let erased = 0;
  for (const accountId of new Set(accountIds)) {
    await eraseWorkspaces(tx, { accountId, subject });
    erased += await eraseTexts(tx, { accountId, subject });
  }
  return erased > 0;
}
