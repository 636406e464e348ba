// The tools' own door: a managed coding agent's workspace, the protocol in which a model names its calls, the tools,
// the checks, the preview build and the ZIP. Apart from the model port, so that only who works in a workspace loads
// it.
export { buildPreview } from './preview/build-preview.js';
export { stopBundler } from './bundler/bundle-lane.js';
export { CODE_LIMITS, type CodeLimits } from './bundler/check-limits.js';
export { checkWorkspace } from './checks/check-workspace.js';
export type { BuildReport, BuiltFile, CheckFault, CheckReport, Problem } from './checks/check-report.js';
export { describeTools } from './protocol/describe-tools.js';
export { parseToolCalls } from './protocol/parse-tool-calls.js';
export { renderToolCall } from './protocol/render-tool-call.js';
export { renderToolResults, type TurnOutcome } from './protocol/render-tool-results.js';
export {
  TOOL_NAMES,
  type Hunk,
  type ParsedAnswer,
  type ProtocolProblem,
  type ProtocolProblemCode,
  type ToolCall,
  type ToolName,
} from './protocol/tool-call.js';
export type { Searched, ToolPort } from './tool-port.js';
export { OUR_TOOLS, OwnTools, type OwnToolLimits } from './thread/own-tools.js';
export { ScriptedTools, type ScriptedToolFault } from './scripted-tools.js';
export { runTool, type ToolRun } from './runs/run-tool.js';
export type { ToolResult } from './runs/tool-result.js';
export { packArtefact } from './artefacts/pack-artefact.js';
export type { Artefact, ArtefactInfo } from './artefacts/artefact.js';
export { NOTICE_CODE, NOTICE_TEXT, noticeText } from './artefacts/notice.js';
export { ALL_EXTRAS, EXTRAS, PARTS, type Extra, type Extras, type Part, type PartShares } from './extras/extras.js';
export { describeExtras, packingOf, type ExtrasWords } from './extras/describe-extras.js';
export { bytesByPart, partOfHeading, partOfPath, splitByPart } from './extras/split-by-part.js';
export { TOOL_ERRORS, type Refused, type ToolErrorClass } from './workspace/refused.js';
export { WORKSPACE_LIMITS, type WorkspaceLimits } from './workspace/limits.js';
export { Workspace, type TreeEntry, type WorkspaceFile } from './workspace/workspace.js';
