// Providers room, tools. How deep a parser would have to go into a text, estimated before any parser sees it: one
// that recurses needs a kilobyte and more for each level, and a megabyte of brackets would take it down with all its
// memory.

/** Levels no code that people read comes near; a file beyond it is refused unparsed. */
export const DEEPEST = 1_500;

/** Words that hold what follows them: a chain of them nests without a bracket. */
const HOLDERS = new Set([
  ...['typeof', 'void', 'delete', 'new', 'await', 'yield', 'else', 'do', 'if', 'for', 'while', 'with', 'keyof'],
  ...['extends', 'infer', 'readonly', 'unique', 'in', 'of', 'instanceof', 'return', 'throw', 'case', 'as', 'is'],
]);
const TOKEN = new RegExp(
  [
    String.raw`[A-Za-z_$][\w$]*|\d[\w.]*|\n`,
    // A closing tag, the end of an empty one, and an attribute with its text: markup that is closed again.
    String.raw`<\/[\w.:-]*>|\/>|=["']`,
    String.raw`\?\?|\?\.|=>|[=!]==?|[<>]=|&&|\|\||\*\*`,
    String.raw`\.(?=[A-Za-z_$#])|[^\s\w$.]`,
  ].join('|'),
  'g',
);
const CHAINING = new Set(['**', '=>', '=', '?', '?.', ':', '`', '.', '!', '~']);
/** Open an element, or compare, which nests as little as a sum. */
const ANGLES = new Set(['<', '>']);
/** A link only where nothing stands before it to be added to: then it holds what follows. */
const SIGNS = new Set(['-', '+']);

interface Level {
  readonly bracket: string;
  /** What stood before the bracket: after `=` it holds a value and ends no statement. */
  readonly before: string;
  /** Links of the chain at this level that nothing has ended yet. */
  links: number;
  /** Halves of opening tags that no closing tag has met yet. */
  tags: number;
  /** What the last end of a statement ended; an `else` takes it up again. */
  ended: number;
}

/** The most levels open at once: brackets, and links of chains that no comma and no end of a statement breaks. */
export function deepest(text: string): number {
  const levels: Level[] = [newLevel('', '')];
  let depth = 0;
  let most = 0;
  let before = '';
  let lineEnded = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '\n') {
      lineEnded = completes(before);
      continue;
    }
    const level = levels.at(-1) ?? newLevel('', '');
    const links = linksOf(level);
    if (lineEnded && !goesOn(token)) end(level);
    lineEnded = false;
    if (token === '(' || token === '[' || token === '{') levels.push(newLevel(token, before));
    else if (token === ')' || token === ']' || token === '}') depth -= close(levels, token);
    else step(level, token, before);
    depth += linksOf(level) - links + (OPENING.has(token) ? 1 : 0);
    most = Math.max(most, depth);
    if (most > DEEPEST) return most;
    before = token;
  }
  return most;
}

const OPENING = new Set(['(', '[', '{']);
const OPENS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function newLevel(bracket: string, before: string): Level {
  return { bracket, before, links: 0, tags: 0, ended: 0 };
}

function end(level: Level): void {
  if (level.links > 0) level.ended = level.links;
  level.links = 0;
  level.tags = 0;
}

/** What stood in an element, text or values, is over with it. */
function closeTag(level: Level, halves: number): void {
  level.tags = Math.max(0, level.tags - halves);
  if (halves === 2) level.links = 0;
}

function linksOf(level: Level): number {
  return level.links + level.tags;
}

function step(level: Level, token: string, before: string): void {
  if (token === ';' || token === ',') end(level);
  else if (token === 'else') level.links = Math.max(level.links, level.ended) + 1;
  else if (token === '/>') closeTag(level, 1);
  else if (token.startsWith('</')) closeTag(level, 2);
  else if (ANGLES.has(token)) level.tags += 1;
  else if (CHAINING.has(token) || HOLDERS.has(token)) level.links += 1;
  else if (SIGNS.has(token) && !completes(before)) level.links += 1;
}

/** Whether a statement may end after it. */
function completes(token: string): boolean {
  return /^[\w$'"`)\]}]/.test(token) && !HOLDERS.has(token);
}

/** Whether it carries on the statement of the line before. */
function goesOn(token: string): boolean {
  return CHAINING.has(token) || ANGLES.has(token) || OPENING.has(token) || HOLDERS.has(token) || token.startsWith('</');
}

/** Closes the bracket it belongs to and all that was left open in it; says how many levels and links end with it. */
function close(levels: Level[], token: string): number {
  const bracket = OPENS[token];
  if (!levels.some((level) => level.bracket === bracket)) return 0;
  let ended = 0;
  let before = '';
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    ended += 1 + linksOf(level);
    before = level.before;
    if (level.bracket === bracket) break;
  }
  const parent = levels.at(-1) ?? newLevel('', '');
  const links = linksOf(parent);
  // A call on a call goes on nesting; a block ends its statement.
  parent.links += 1;
  if (token === '}' && before !== '=') end(parent);
  return ended - (linksOf(parent) - links);
}
