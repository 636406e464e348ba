// Providers room: the errors by which a scripted provider fails loudly. They are thrown, not returned: a fault is
// part of the world that a job must survive, while these say that the script and the code under it disagree.

/** By these names a retry policy can tell that trying again is in vain. */
export const SCRIPT_ERROR_NAMES = Object.freeze(['ScriptExhausted', 'ScriptMismatch'] as const);

/** No reply is left, or none was ever written, for a call. */
export class ScriptExhausted extends Error {
  override readonly name = 'ScriptExhausted';

  constructor(requestRef: string, reason: string) {
    super(`no scripted reply for ${requestRef}: ${reason}`);
  }
}

/** A call got a reply that was written for another call. */
export class ScriptMismatch extends Error {
  override readonly name = 'ScriptMismatch';

  constructor(requestRef: string, script: string, differences: readonly string[]) {
    super(`call ${requestRef} is not what script "${script}" expects: ${differences.join('; ')}`);
  }
}

/** A script file that cannot be used; says everything that is wrong with it at once. */
export class ScriptInvalid extends Error {
  override readonly name = 'ScriptInvalid';

  constructor(readonly problems: readonly string[]) {
    super(`the script is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}
