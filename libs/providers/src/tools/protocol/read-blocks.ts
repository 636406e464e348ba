// Providers room, tools. Cuts an answer into what it says and the calls it names, line by line and without guessing: a
// call that is not closed is no call, so that an answer cut off in a file never writes half of it.
import type { Mark } from './marks.js';
import { mark, markOf } from './marks.js';
import type { ProtocolProblem } from './tool-call.js';

export interface Section {
  readonly word: 'content' | 'old' | 'new';
  readonly text: string;
}

export interface Block {
  readonly name: string;
  /** Of the opening mark, from 1. */
  readonly line: number;
  readonly arguments: readonly { readonly line: string; readonly number: number }[];
  readonly sections: readonly Section[];
  /** As it stands in the answer. */
  readonly source: string;
}

export type Piece = { readonly prose: string } | { readonly block: Block } | { readonly problem: ProtocolProblem };

export function readBlocks(answer: string): Piece[] {
  const lines = answer.split('\n');
  const pieces: Piece[] = [];
  let prose: string[] = [];
  let at = 0;
  const flush = (): void => {
    if (prose.length > 0) pieces.push({ prose: prose.join('\n') });
    prose = [];
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const found = markOf(line);
    if (found === null) prose.push(line);
    else flush();
    const read = found?.word === 'tool' ? readBlock(lines, at, found) : null;
    if (read !== null) pieces.push(read.piece);
    else if (found !== null) pieces.push(stray(at, found));
    at = read?.next ?? at + 1;
  }
  flush();
  return pieces;
}

/** Ends at the block's own closing mark; a new call, or the end of the answer, before it leaves the block unclosed. */
function readBlock(lines: readonly string[], from: number, opening: Mark): { piece: Piece; next: number } {
  const args: { line: string; number: number }[] = [];
  const sections: { word: Section['word']; lines: string[] }[] = [];
  for (let at = from + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const found = markOf(line);
    const own = found !== null && found.label === opening.label ? found : null;
    const open = sections.at(-1);
    if (own?.word === 'tool') return { piece: unclosed(from, opening), next: at };
    if (own?.word === 'end') {
      const block = { name: opening.name, line: from + 1, arguments: args, sections: sections.map(textOf) };
      return { piece: { block: { ...block, source: lines.slice(from, at + 1).join('\n') } }, next: at + 1 };
    }
    if (own !== null) sections.push({ word: own.word, lines: [] });
    else if (open !== undefined) open.lines.push(line);
    else if (line.trim() !== '') args.push({ line, number: at + 1 });
  }
  return { piece: unclosed(from, opening), next: lines.length };
}

function textOf(section: { readonly word: Section['word']; readonly lines: readonly string[] }): Section {
  return { word: section.word, text: section.lines.map((line) => `${line}\n`).join('') };
}

function unclosed(from: number, { name, label }: Mark): Piece {
  const closing = label === '' ? '@@end' : `@@end #${label}`;
  const message = `the call ${name} has no ${closing} of its own: nothing of it was carried out`;
  return { problem: { code: 'unclosed_call', line: from + 1, message } };
}

/** Says the mark in our own words: the line itself may hold any number of spaces, and the next turn would pay them. */
function stray(at: number, { word, label }: Mark): Piece {
  const message = `a mark outside of a call: ${mark(word, label)}`;
  return { problem: { code: 'misplaced_mark', line: at + 1, message } };
}
