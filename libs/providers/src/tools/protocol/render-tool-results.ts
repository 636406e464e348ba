// Providers room, tools. What came of a model's turn, as the text of its next one: bounded, and fenced by a label that
// stands nowhere inside, so that no file can speak as if it were us.
import type { CheckReport } from '../checks/check-report.js';
import type { ToolResult } from '../runs/tool-result.js';
import type { ProtocolProblem } from './tool-call.js';

/** All that came of a turn. */
export interface TurnOutcome {
  readonly results: readonly ToolResult[];
  readonly problems?: readonly ProtocolProblem[];
  readonly check?: CheckReport;
}

/** Characters of all result texts together. */
export const RESULT_CHARACTERS = 48_000;
const PROBLEMS_SHOWN = 20;

export function renderToolResults(turn: TurnOutcome, most: number = RESULT_CHARACTERS): string {
  const check = turn.check === undefined ? [] : [{ title: checkTitle(turn.check), text: checkText(turn.check) }];
  const results = turn.results.map((result, index) => ({ title: titleOf(result, index), text: result.text }));
  const parts = [...results, ...check];
  const shares = fairShares(
    parts.map(({ text }) => text.length),
    most,
  );
  const label = freeLabel(parts.map(({ text }) => text).join('\n'));
  const shown = parts.map(({ title, text }, index) => {
    const cut = cutTo(text, shares[index] ?? 0);
    return `--- ${title} #${label}\n${cut === '' || cut.endsWith('\n') ? cut : `${cut}\n`}--- end #${label}\n`;
  });
  return [...shown, problemsText(turn.problems ?? [])].filter((text) => text !== '').join('\n');
}

function titleOf({ tool, ok, errorClass }: ToolResult, index: number): string {
  return `result ${index + 1}: ${tool} ${ok ? 'ok' : `failed (${errorClass ?? 'error'})`}`;
}

function checkTitle({ green, fault, counts }: CheckReport): string {
  if (fault !== null) return `check: it could not be carried out (${fault})`;
  return green ? 'check: green' : `check: red, ${counts.errors} ${counts.errors === 1 ? 'error' : 'errors'}`;
}

/** One line per problem, as compilers print them. */
export function checkText({ problems, counts }: Pick<CheckReport, 'problems' | 'counts'>): string {
  const lines = problems.map(({ path, line, column, rule, message }) => `${path}:${line}:${column} ${rule} ${message}`);
  const more = counts.errors - problems.length;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function problemsText(problems: readonly ProtocolProblem[]): string {
  if (problems.length === 0) return '';
  const lines = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(({ line, code, message }) => `line ${line} of your answer: ${code}: ${message}`);
  const more = problems.length - PROBLEMS_SHOWN;
  return [...lines, ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `${line}\n`).join('');
}

/** Short texts are whole; what they leave is shared by the long ones. */
function fairShares(lengths: readonly number[], most: number): readonly number[] {
  const shares = lengths.map(() => 0);
  let left = most;
  const order = lengths.map((length, index) => ({ length, index })).sort((a, b) => a.length - b.length);
  for (const [done, { length, index }] of order.entries()) {
    const share = Math.min(length, Math.floor(left / (order.length - done)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

function cutTo(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not between the halves of a character.
  const kept = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}\n[cut here: ${kept.length} of ${text.length} characters shown]`;
}

function freeLabel(text: string): string {
  let number = 1;
  while (text.includes(`#r${number}`)) number += 1;
  return `r${number}`;
}
