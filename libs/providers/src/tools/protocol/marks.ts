// Providers room, tools. The marks of the protocol. A mark is a whole line: two at-signs, a word, and a label where
// the call has one. All other lines are what they are, so that code needs no escaping.
import { TOOL_NAMES } from './tool-call.js';

export const MARK_WORDS = ['tool', 'content', 'old', 'new', 'end'] as const;
export type MarkWord = (typeof MARK_WORDS)[number];

export interface Mark {
  readonly word: MarkWord;
  /** The tool's name after `tool`; empty otherwise. */
  readonly name: string;
  readonly label: string;
}

const MARK = /^@@(tool|content|old|new|end)(?: +([A-Za-z0-9_-]{1,32}))?(?: +#([A-Za-z0-9]{1,32}))?[ \t]*\r?$/;

export function markOf(line: string): Mark | null {
  if (!line.startsWith('@@')) return null;
  const [, word, name = '', label = ''] = MARK.exec(line) ?? [];
  const known = MARK_WORDS.find((each) => each === word);
  if (known === undefined || (known !== 'tool' && name !== '')) return null;
  return { word: known, name, label };
}

/** A label that no mark in these texts carries; none where no line of theirs is a mark. */
export function labelFor(texts: readonly string[]): string {
  const labels = new Set(texts.flatMap((text) => text.split('\n')).flatMap((line) => markOf(line)?.label ?? []));
  if (labels.size === 0) return '';
  let number = 1;
  while (labels.has(`x${number}`)) number += 1;
  return `x${number}`;
}

export function mark(word: MarkWord, label: string, name = ''): string {
  return `@@${word}${name === '' ? '' : ` ${name}`}${label === '' ? '' : ` #${label}`}`;
}

export function isToolName(name: string): name is (typeof TOOL_NAMES)[number] {
  return (TOOL_NAMES as readonly string[]).includes(name);
}
