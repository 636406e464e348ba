// Activities room. What an agent with tools is told: how to work, what was asked, its plan, the files as they stand,
// and what came of this iteration's calls. The beginning is the same in every turn, so that a cache can serve it.
import type { Conversation, EarlierResult, ModelStage } from '@fairmeter/domain';
import { FILE_TEXT_SHOWN_BYTES, WORKSPACE_INSTRUCTIONS } from '@fairmeter/domain';
import type { CheckReport, ToolResult, Workspace } from '@fairmeter/providers/tools';
import { describeTools, parseToolCalls, renderToolResults } from '@fairmeter/providers/tools';

/** A result of an earlier step with its place, its text read. */
export interface EarlierStep extends EarlierResult {
  readonly iteration: number;
}

export interface WorkspaceTurn {
  readonly stage: ModelStage;
  readonly iteration: number;
  readonly prompt: string;
  readonly files: Workspace;
  /** The plan, the checks and whatever belongs to this iteration, in order. */
  readonly earlier: readonly EarlierStep[];
}

type Message = Conversation['messages'][number];

export function workspaceConversation(turn: WorkspaceTurn): Conversation {
  const { stage, iteration, prompt, earlier } = turn;
  const system = [WORKSPACE_INSTRUCTIONS[stage], ...(stage === 'plan' ? [] : [describeTools()])];
  const messages: Message[] = [{ role: 'user', text: prompt }];
  const plan = earlier.find((result) => result.stage === 'plan');
  if (plan !== undefined) messages.push({ role: 'assistant', text: plan.text }, { role: 'user', text: 'Go on.' });
  if (iteration > 1) messages.push({ role: 'user', text: stateOfFiles(turn) });
  messages.push(...turnsOf(earlier.filter((result) => result.iteration === iteration)));
  return { system: system.join('\n\n'), messages: joined(messages) };
}

/** An iteration begins with what was found red and the files it was found in. */
function stateOfFiles({ earlier, iteration, files }: WorkspaceTurn): string {
  const found = earlier.filter((result) => result.iteration < iteration && isVerdict(result.stage)).at(-1);
  const check = found === undefined ? null : asCheck(JSON.parse(found.text) as KnownReport);
  const report = check === null ? '' : renderToolResults({ results: [], check });
  return `${report}\n\n${filesShown(files)}`;
}

const isVerdict = (stage: string): boolean => stage === 'check' || stage === 'preview';

type KnownReport = Partial<CheckReport> & Pick<CheckReport, 'green' | 'problems' | 'fault'>;

/** A build's report says less of what it read; the model needs only what was found. */
function asCheck(report: KnownReport): CheckReport {
  return { bytesChecked: 0, ...report, counts: { errors: 0, files: 0, ...report.counts } };
}

function filesShown(files: Workspace): string {
  let left = FILE_TEXT_SHOWN_BYTES;
  const shown: string[] = [];
  const named: string[] = [];
  for (const path of files.paths) {
    const file = files.file(path);
    if (file === undefined) continue;
    left -= file.bytes;
    if (left >= 0) shown.push(`--- ${path}\n${file.text}`);
    else named.push(`${path} (${file.bytes} bytes)`);
  }
  const rest = named.length === 0 ? [] : [`Further files, to be read by the tool:\n${named.join('\n')}`];
  return [`The files as they are:`, ...shown, ...rest].join('\n');
}

function turnsOf(results: readonly EarlierStep[]): Message[] {
  const messages: Message[] = [];
  let answer: EarlierStep | undefined;
  let tools: ToolResult[] = [];
  const close = (): void => {
    if (answer === undefined) return;
    const { problems } = parseToolCalls(answer.text);
    messages.push({ role: 'assistant', text: answer.text });
    messages.push({ role: 'user', text: renderToolResults({ results: tools, problems }) });
    tools = [];
  };
  for (const result of results) {
    if (result.stage === 'tool') tools.push(JSON.parse(result.text) as ToolResult);
    else if (result.stage === 'generate' || result.stage === 'repair' || result.stage === 'clarify') {
      close();
      answer = result;
    }
  }
  close();
  return messages;
}

/** Providers want the two sides to take turns. */
function joined(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.role === message.role) turns[turns.length - 1] = { ...last, text: `${last.text}\n\n${message.text}` };
    else turns.push(message);
  }
  return turns;
}
