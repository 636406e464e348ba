// Test harness. Scripted answers with token counts that make charges easy to check by hand: demo-coder costs 300
// credits a million input and 1,500 a million output tokens, so 1,000 in and 200 out come to 0.6 credits.
import type { ScriptedAnswer, ScriptedFault, ScriptedReply } from '@fairmeter/providers';
import { bookOf, ScriptedModel, stageScript, stepScript } from '@fairmeter/providers';
import { createModelPort, type ModelPort } from '@fairmeter/providers';

export function reply(text: string, tokens: { input?: number; output?: number } = {}): ScriptedAnswer {
  const { input = 1_000, output = 200 } = tokens;
  return { text, usage: { input, cachedInput: 0, cacheWrite: 0, output, reasoning: 0 } };
}

export function fault(kind: ScriptedFault['fault'], more: Partial<ScriptedFault> = {}): ScriptedFault {
  return { fault: kind, ...more };
}

export interface ScriptedPort {
  readonly port: ModelPort;
  readonly model: ScriptedModel;
}

export function byStage(stages: Readonly<Record<string, readonly ScriptedReply[]>>): ScriptedPort {
  return portOf(new ScriptedModel(bookOf(stageScript(stages))));
}

/** Attempt n at a step gets its n-th reply, whichever process asks. */
export function byStep(steps: Readonly<Record<number, readonly ScriptedReply[]>>): ScriptedPort {
  return portOf(new ScriptedModel(bookOf(stepScript(steps))));
}

/** Plan, generate, an approving review: three steps of 0.6 credits. */
export function threeSteps(): ScriptedPort {
  return byStage({ plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] });
}

function portOf(model: ScriptedModel): ScriptedPort {
  return { port: createModelPort({ scripted: model }), model };
}
