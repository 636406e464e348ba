// Providers room: what the test environment answers, whatever model is named there and whatever it is asked.
// Every call has a reply of the same size, so that whoever tries a key can say beforehand what it will be charged.
import type { TokenMeters } from '@fairmeter/domain';
import type { Script, ScriptBook, ScriptedReply, ScriptEntry } from './script.js';

/** The name under which calls of test keys reach the scripted provider. */
export const TEST_PROVIDER = 'test';

const USAGE: TokenMeters = { input: 200, cachedInput: 0, cacheWrite: 0, output: 100, reasoning: 0 };

const ANSWER = 'This is the answer of the test environment: no model was asked.';

/** A whole page and the word that it is done: an agent in a workspace has it checked, built and packed. */
const FILES = `A page of the test environment: no model was asked.

@@tool write
path: index.html
@@content
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Test environment</title>
  </head>
  <body>
    <p>${ANSWER}</p>
  </body>
</html>
@@end

@@tool done
@@content
The page is written.
@@end
`;

const reply = (text: string): ScriptedReply => ({ text, usage: USAGE });

const ANSWERS: Script = {
  kind: 'always',
  stages: new Map([
    ['generate', reply(FILES)],
    ['repair', reply(FILES)],
    // A reviewer that found fault would make every job go round until its last iteration.
    ['review', reply('APPROVED')],
  ]),
  usual: reply(ANSWER),
};

const OF_THE_TEST_ENVIRONMENT: ScriptEntry = { name: 'test environment', when: {}, script: ANSWERS };

/** A script that was given comes first; what it has no entry for is answered all the same. */
export function testScript(given: ScriptBook | null): ScriptBook {
  return { entries: [...(given?.entries ?? []), OF_THE_TEST_ENVIRONMENT] };
}
