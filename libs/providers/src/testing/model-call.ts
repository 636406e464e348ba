// Providers room, test double: a request with defaults and an outcome narrowed or refused.
import type { ModelAnswer, ModelFault, ModelOutcome, ModelRequest } from '../model-port.js';

export function modelRequest(parts: Partial<ModelRequest> = {}): ModelRequest {
  return {
    provider: 'openai',
    model: 'test-model',
    system: 'You write code.',
    messages: [{ role: 'user', text: 'a secret prompt' }],
    maxOutputTokens: 4096,
    requestRef: 'job_1/s1/plan/a1',
    ...parts,
  };
}

/** A signal nobody aborts. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

export function answered(outcome: ModelOutcome): ModelAnswer {
  if (outcome.kind !== 'answered') {
    throw new Error(`expected an answer, got the fault ${outcome.fault}: ${outcome.message}`);
  }
  return outcome;
}

export function faulted(outcome: ModelOutcome): ModelFault {
  if (outcome.kind !== 'fault') {
    throw new Error('expected a fault, got an answer');
  }
  return outcome;
}
