// The providers room's one door: the model port, its adapters and the scripted provider.
export type {
  GenerateOptions,
  ModelAnswer,
  ModelFault,
  ModelFaultKind,
  ModelMessage,
  ModelOutcome,
  ModelPort,
  ModelProgress,
  ModelRequest,
  ReportedUse,
  StopReason,
} from './model-port.js';
export type { UsageFlag } from './usage/usage-reading.js';
export type { StreamLimits } from './transport/event-stream.js';
export { createModelPort, type ModelPortConfig } from './model-registry.js';
export { formatRequestRef, parseRequestRef, type RequestRef } from './request-ref.js';
export { OpenAiModel, type OpenAiConfig } from './openai/openai-model.js';
export { AnthropicModel, type AnthropicConfig } from './anthropic/anthropic-model.js';
export { ScriptedModel, type ScriptedCall, type ScriptedModelOptions } from './scripted/scripted-model.js';
export { parseScript } from './scripted/parse-script.js';
export { SCRIPT_ERROR_NAMES, ScriptExhausted, ScriptInvalid, ScriptMismatch } from './scripted/script-errors.js';
export { TEST_PROVIDER, testScript } from './scripted/test-script.js';
export {
  bookOf,
  sequenceScript,
  stageScript,
  stepScript,
  type Script,
  type ScriptBook,
  type ScriptCondition,
  type ScriptedAnswer,
  type ScriptedFault,
  type ScriptedReply,
  type ScriptEntry,
  type ScriptExpectation,
} from './scripted/script.js';
