// Providers room, tools. Which part of an answer cost what. A model reports one number for the whole of it; the parts
// share it by their bytes, so that the sum is exact and an owner sees what made an answer large.
import { largestRemainder } from '@fairmeter/domain';
import { readCall } from '../protocol/parse-tool-calls.js';
import { readBlocks, type Block } from '../protocol/read-blocks.js';
import { PARTS, type Part, type PartShares } from './extras.js';

/** First match wins: a test of the installer is a test. */
const BY_PATH: readonly (readonly [RegExp, Part])[] = [
  [/(?:^|\/)(?:__tests__|tests?|spec|e2e)\/|(?:\.|_|-)(?:test|spec|e2e)\.[a-z0-9]+$|(?:^|\/)test_[^/]+\.py$/i, 'tests'],
  [/(?:^|\/)(?:install|setup|deploy(?:ment)?|getting[-_]started)(?:[-_][^/]*)?\.(?:md|txt|rst)$/i, 'install_notes'],
  [/(?:^|\/)(?:files|structure|file[-_]tree|project[-_]structure)\.(?:md|txt)$/i, 'file_structure'],
  [/(?:^|\/)docs\/|\.(?:md|mdx|rst|adoc)$/i, 'explanation'],
];

export function partOfPath(path: string): Part {
  return BY_PATH.find(([pattern]) => pattern.test(path))?.[1] ?? 'code';
}

/** Headings by which an answer names what follows; anything else it says explains. */
const BY_HEADING: readonly (readonly [RegExp, Part])[] = [
  [/\b(?:tests?|testing)\b/i, 'tests'],
  [/\b(?:install(?:ation|ing)?|set-?up|getting started|how to (?:run|start)|running)\b/i, 'install_notes'],
  [/\b(?:files?|folders?|project|directory) (?:structure|tree|layout|overview)\b/i, 'file_structure'],
];

export function partOfHeading(heading: string): Part {
  return BY_HEADING.find(([pattern]) => pattern.test(heading))?.[1] ?? 'explanation';
}

/** Bytes of each part of an answer, marks and paths with the part they belong to. */
export function bytesByPart(answer: string): ReadonlyMap<Part, number> {
  const bytes = new Map<Part, number>(PARTS.map((part) => [part, 0]));
  const add = (part: Part, text: string): void => {
    bytes.set(part, (bytes.get(part) ?? 0) + Buffer.byteLength(text, 'utf8'));
  };
  let heading: Part = 'explanation';
  for (const piece of readBlocks(answer)) {
    if ('block' in piece) add(partOfBlock(piece.block), piece.block.source);
    else if ('prose' in piece) heading = addProse(piece.prose, heading, add);
  }
  return bytes;
}

/** Splits what an answer cost (output tokens, micro-credits) over its parts: exactly, ties to the earlier part. */
export function splitByPart(answer: string, whole: bigint): PartShares {
  const bytes = bytesByPart(answer);
  const weights = PARTS.map((part) => BigInt(bytes.get(part) ?? 0));
  // Of an answer without a word, all goes to the first part: it was to be code.
  const shares = largestRemainder(whole, weights);
  const share = (part: Part): bigint => shares[PARTS.indexOf(part)] ?? 0n;
  return {
    code: share('code'),
    explanation: share('explanation'),
    file_structure: share('file_structure'),
    install_notes: share('install_notes'),
    tests: share('tests'),
  };
}

function partOfBlock(block: Block): Part {
  const call = readCall(block);
  switch (call?.tool) {
    case 'write':
    case 'patch':
    case 'delete':
    case 'read':
      return partOfPath(call.path);
    case 'move':
      return partOfPath(call.to);
    case 'done':
    case 'ask':
      return 'explanation';
    case 'list':
    case 'search':
    case undefined:
      return 'code';
  }
}

/** Where an agent has no tools it names each file on a line of its own; what looks like a heading in it is code. */
const FILE = /^===[ \t]+(\S.*?)[ \t\r]*$/;

function addProse(prose: string, before: Part, add: (part: Part, text: string) => void): Part {
  let part = before;
  let inFile = false;
  for (const line of prose.split('\n')) {
    const file = FILE.exec(line)?.[1];
    const heading = inFile ? null : /^#{1,6}\s+(.+)$|^\*\*([^*]+)\*\*:?\s*$/.exec(line);
    if (file !== undefined) {
      part = partOfPath(file);
      inFile = true;
    } else if (heading !== null) part = partOfHeading(heading[1] ?? heading[2] ?? '');
    if (line.trim() !== '') add(part, `${line}\n`);
  }
  return part;
}
