// Providers room, tools. From a model's answer to its calls. Generous towards what stands around a call, strict
// towards the call itself: what does not fit is a problem that the model is told, never a guess.
import { isToolName } from './marks.js';
import type { Block } from './read-blocks.js';
import { readBlocks } from './read-blocks.js';
import type { Hunk, ParsedAnswer, ProtocolProblem, ProtocolProblemCode, ToolCall, ToolName } from './tool-call.js';

/** More calls than this in one answer are not carried out. */
export const CALLS_PER_ANSWER = 64;

export function parseToolCalls(answer: string): ParsedAnswer {
  const calls: ToolCall[] = [];
  const prose: string[] = [];
  const problems: ProtocolProblem[] = [];
  for (const piece of readBlocks(answer)) {
    if ('prose' in piece) prose.push(piece.prose);
    else if ('problem' in piece) problems.push(piece.problem);
    else if (calls.length === CALLS_PER_ANSWER) problems.push(tooMany(piece.block));
    else {
      const call = callOf(piece.block);
      if ('problem' in call) problems.push(call.problem);
      else calls.push(call.call);
    }
  }
  return { calls, prose: prose.join('\n').trim(), problems };
}

/** Null where a block names no call that can be made. */
export function readCall(block: Block): ToolCall | null {
  const read = callOf(block);
  return 'call' in read ? read.call : null;
}

type Read = { readonly call: ToolCall } | { readonly problem: ProtocolProblem };

/** What each tool takes: names of its arguments, those it needs, and its sections. */
interface Form {
  readonly needs: readonly string[];
  readonly takes?: readonly string[];
  readonly sections?: 'content' | 'hunks';
}

const FORMS: Readonly<Record<ToolName, Form>> = {
  list: { needs: [], takes: ['path'] },
  read: { needs: ['path'], takes: ['from', 'to'] },
  search: { needs: [], takes: ['text', 'regex', 'path'] },
  write: { needs: ['path'], takes: ['final_newline'], sections: 'content' },
  patch: { needs: ['path'], sections: 'hunks' },
  delete: { needs: ['path'] },
  move: { needs: ['from', 'to'] },
  ask: { needs: [], sections: 'content' },
  done: { needs: [], sections: 'content' },
};

function callOf(block: Block): Read {
  if (!isToolName(block.name)) {
    return problem(block, 'unknown_tool', `there is no tool ${block.name === '' ? 'without a name' : block.name}`);
  }
  const form = FORMS[block.name];
  const args = argumentsOf(block, form);
  if ('problem' in args) return args;
  const words = block.sections.map(({ word }) => word);
  const fits =
    form.sections === 'hunks'
      ? words.length > 0 && words.length % 2 === 0 && words.every((word, n) => word === (n % 2 === 0 ? 'old' : 'new'))
      : words.length === (form.sections === undefined ? 0 : 1) && words.every((word) => word === 'content');
  if (!fits) return problem(block, 'misplaced_mark', `${block.name} takes ${SECTIONS_SAID[form.sections ?? 'none']}`);
  return madeOf(block, block.name, args.values);
}

const SECTIONS_SAID = {
  content: 'one @@content',
  hunks: 'pairs of @@old and @@new',
  none: 'no @@content, @@old or @@new',
} as const;

function argumentsOf(block: Block, form: Form): { readonly values: ReadonlyMap<string, string> } | Problematic {
  const values = new Map<string, string>();
  const known = [...form.needs, ...(form.takes ?? [])];
  for (const { line, number } of block.arguments) {
    const [, name = '', value = ''] = /^([a-z_]+): ?(.*?)\r?$/.exec(line) ?? [];
    const at = { ...block, line: number };
    if (!known.includes(name)) {
      return problem(at, 'unknown_argument', `${block.name} takes ${known.join(', ') || 'no arguments'}`);
    }
    if (values.has(name)) return problem(at, 'repeated_argument', `${name} stands twice`);
    values.set(name, value);
  }
  const missing = form.needs.find((name) => !values.has(name));
  return missing === undefined ? { values } : problem(block, 'missing_argument', `${block.name} needs ${missing}`);
}

function madeOf(block: Block, tool: ToolName, values: ReadonlyMap<string, string>): Read {
  const text = (name: string): string => (values.get(name) ?? '').trim();
  const path = text('path');
  const content = block.sections[0]?.text ?? '';
  switch (tool) {
    case 'list':
      return { call: { tool, ...(path === '' ? {} : { path }) } };
    case 'read':
      return readOf(block, path, { from: text('from'), to: text('to') });
    case 'search':
      return searchOf(block, path, values);
    case 'write':
      return writeOf(block, { path, content, ending: text('final_newline') });
    case 'patch':
      return { call: { tool, path, hunks: hunksOf(block) } };
    case 'delete':
      return { call: { tool, path } };
    case 'move':
      return { call: { tool, from: text('from'), to: text('to') } };
    case 'ask':
      return { call: { tool, question: content.trim() } };
    case 'done':
      return { call: { tool, summary: content.trim() } };
  }
}

function readOf(block: Block, path: string, range: { readonly from: string; readonly to: string }): Read {
  for (const [name, text] of Object.entries(range)) {
    if (text !== '' && !/^[1-9]\d{0,8}$/.test(text)) {
      return problem(block, 'invalid_argument', `${name} is the number of a line, from 1`);
    }
  }
  const bounds = Object.entries(range).filter(([, text]) => text !== '');
  return { call: { tool: 'read', path, ...Object.fromEntries(bounds.map(([name, text]) => [name, Number(text)])) } };
}

function searchOf(block: Block, path: string, values: ReadonlyMap<string, string>): Read {
  const [literal, regex] = [values.get('text') ?? '', values.get('regex') ?? ''];
  if ((literal === '') === (regex === '')) {
    return problem(block, 'missing_argument', 'search needs either text or regex');
  }
  const kind = regex === '' ? 'literal' : 'regex';
  return { call: { tool: 'search', query: literal + regex, kind, ...(path === '' ? {} : { path }) } };
}

function writeOf(block: Block, wish: { path: string; content: string; ending: string }): Read {
  const { path, content, ending } = wish;
  if (!['', 'yes', 'no'].includes(ending)) return problem(block, 'invalid_argument', 'final_newline is yes or no');
  return { call: { tool: 'write', path, content: ending === 'no' ? content.replace(/\n$/, '') : content } };
}

function hunksOf({ sections }: Block): Hunk[] {
  return sections.flatMap(({ text }, index) =>
    index % 2 === 0 ? [{ old: text, new: sections[index + 1]?.text ?? '' }] : [],
  );
}

type Problematic = { readonly problem: ProtocolProblem };

function problem(at: { readonly line: number }, code: ProtocolProblemCode, message: string): Problematic {
  return { problem: { code, line: at.line, message } };
}

function tooMany(block: Block): ProtocolProblem {
  return problem(block, 'too_many_calls', `an answer has at most ${CALLS_PER_ANSWER} calls`).problem;
}
