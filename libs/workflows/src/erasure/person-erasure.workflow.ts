// Workflows room. A person is forgotten: first the person is in no account and nobody is signed in any more, then what
// the person asked for ends and words go. Who is the last owner of an account stays, and is told so.
import type { PersonErasureAnswer, PersonErasureInput } from '@fairmeter/contracts';
import { personErasedUpdate } from '@fairmeter/contracts';
import { condition, setHandler } from '@temporalio/workflow';
import { eraseWordsOfPerson, leaveAccounts, openWorkOfPerson } from '../proxies.js';
import { forget } from './passes.js';

const ERASED: PersonErasureAnswer = { state: 'erased' };

export async function personErasure(input: PersonErasureInput): Promise<PersonErasureAnswer> {
  let answer: PersonErasureAnswer | undefined;
  setHandler(personErasedUpdate, async () => {
    await condition(() => answer !== undefined);
    return answer ?? ERASED;
  });
  const { lastOwnerOf } = await leaveAccounts(input);
  if (lastOwnerOf.length > 0) {
    answer = { state: 'last_owner', accountIds: lastOwnerOf };
    return answer;
  }
  const person = {
    openWork: async () => openWorkOfPerson(input),
    eraseWords: async () => eraseWordsOfPerson(input),
  };
  await forget(person, () => {
    answer = ERASED;
  });
  return ERASED;
}
