// Providers room, tools. What an HTML page is made of: its own scripts and styles, the files it starts, and what is
// wrong with its mark-up. Browsers forgive much of that; what they do not show as it was meant is a problem here.
import type { DefaultTreeAdapterTypes, ParserError, TreeAdapter } from 'parse5';
import { defaultTreeAdapter, html, parse } from 'parse5';
import type { Problem } from '../checks/check-report.js';

type Element = DefaultTreeAdapterTypes.Element;
type Trees = DefaultTreeAdapterTypes.DefaultTreeAdapterMap;

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A script or style that stands in the page itself. */
export interface OwnText extends Place {
  readonly loader: 'js' | 'css' | 'json';
  readonly text: string;
}

/** A file that the page starts or is styled by. */
export interface Started extends Place {
  readonly kind: 'script' | 'style';
  readonly address: string;
}

export interface Page {
  readonly own: readonly OwnText[];
  readonly started: readonly Started[];
  readonly problems: readonly Problem[];
}

/** Elements inside each other; deeper than any page, and shallow enough for a parser that looks through all of them. */
const DEEPEST_ELEMENT = 512;
const PROBLEMS_OF_A_PAGE = 100;

/** What every browser reads as it was meant, and what parts of pages and templates have by their nature. */
const FORGIVEN = new Set([
  ...['missing-doctype', 'misplaced-doctype', 'non-conforming-doctype', 'abandoned-head-element-child'],
  ...['non-void-html-element-start-tag-with-trailing-solidus', 'disallowed-content-in-noscript-in-head'],
  ...['missing-semicolon-after-character-reference', 'unknown-named-character-reference'],
  ...['control-character-in-input-stream', 'noncharacter-in-input-stream'],
]);

export function readPage(path: string, text: string): Page {
  const problems: Problem[] = [];
  const own: OwnText[] = [];
  const started: Started[] = [];
  const document = parse(text, {
    sourceCodeLocationInfo: true,
    treeAdapter: new ShallowTrees().adapter,
    onParseError: (error) => {
      if (!FORGIVEN.has(error.code) && problems.length < PROBLEMS_OF_A_PAGE) problems.push(problemOf(path, error));
    },
  });
  const based = { is: false };
  const unclosed = (element: Element): void => {
    const at = element.sourceCodeLocation?.startTag;
    if (at === undefined || problems.length >= PROBLEMS_OF_A_PAGE || !mustClose(element)) return;
    const message = `${element.tagName} is never closed`;
    problems.push({ path, line: at.startLine, column: at.startCol, rule: 'html', message });
  };
  for (const element of elementsOf(document)) {
    unclosed(element);
    if (element.tagName === 'base') based.is = true;
    if (element.tagName === 'script') takeScript(element, own, started);
    if (element.tagName === 'style') own.push(...textsOf(element, 'css'));
    if (element.tagName === 'link') started.push(...linksOf(element));
  }
  return { own, started: based.is ? [] : started, problems };
}

/** Their end is told by what follows, or they have none. */
const END_ON_THEIR_OWN = new Set([
  ...['html', 'head', 'body', 'p', 'li', 'dt', 'dd', 'rt', 'rp', 'option', 'optgroup', 'colgroup', 'caption'],
  ...['thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'area', 'base', 'br', 'col', 'embed', 'frame', 'hr', 'img', 'input'],
  ...['link', 'meta', 'param', 'source', 'track', 'wbr', 'basefont', 'bgsound', 'keygen', 'image'],
]);

/** Of elements of HTML itself: drawings in a page follow rules of their own. */
function mustClose({ tagName, namespaceURI, sourceCodeLocation }: Element): boolean {
  const ours = namespaceURI === html.NS.HTML;
  return ours && !END_ON_THEIR_OWN.has(tagName) && sourceCodeLocation?.endTag === undefined;
}

export class TooDeep extends Error {}

class ShallowTrees {
  private depth = 0;
  readonly adapter: TreeAdapter<Trees> = {
    ...defaultTreeAdapter,
    onItemPush: () => {
      this.depth += 1;
      if (this.depth > DEEPEST_ELEMENT) throw new TooDeep();
    },
    onItemPop: () => {
      this.depth -= 1;
    },
  };
}

/** In the order of the page, without recursion. */
function* elementsOf(document: DefaultTreeAdapterTypes.Document): Generator<Element> {
  const waiting: DefaultTreeAdapterTypes.Node[] = [document];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if ('tagName' in node) yield node;
    if ('childNodes' in node) waiting.push(...[...node.childNodes].reverse());
  }
}

const SCRIPTS = /^(?:|module|(?:text|application)\/(?:javascript|ecmascript))$/;
const DATA = /^(?:importmap|speculationrules|application\/(?:[a-z0-9.+-]+\+)?json)$/;

function takeScript(element: Element, own: OwnText[], started: Started[]): void {
  const type = (attribute(element, 'type') ?? '').trim().toLowerCase();
  const address = attribute(element, 'src');
  if (SCRIPTS.test(type) && address !== undefined) {
    started.push({ kind: 'script', address, ...placeOf(element, 'src') });
  } else if (SCRIPTS.test(type)) own.push(...textsOf(element, 'js'));
  else if (DATA.test(type)) own.push(...textsOf(element, 'json'));
}

function linksOf(element: Element): Started[] {
  const rel = (attribute(element, 'rel') ?? '').toLowerCase().split(/\s+/);
  const address = attribute(element, 'href');
  if (address === undefined) return [];
  if (rel.includes('stylesheet')) return [{ kind: 'style', address, ...placeOf(element, 'href') }];
  return rel.includes('modulepreload') ? [{ kind: 'script', address, ...placeOf(element, 'href') }] : [];
}

function textsOf(element: Element, loader: OwnText['loader']): OwnText[] {
  return element.childNodes.flatMap((node) => {
    if (node.nodeName !== '#text' || !('value' in node)) return [];
    const at = node.sourceCodeLocation;
    return [{ loader, text: node.value, line: at?.startLine ?? 1, column: at?.startCol ?? 1 }];
  });
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((each) => each.name === name)?.value;
}

function placeOf(element: Element, name: string): Place {
  const at = element.sourceCodeLocation?.attrs?.[name] ?? element.sourceCodeLocation;
  return { line: at?.startLine ?? 1, column: at?.startCol ?? 1 };
}

function problemOf(path: string, { code, startLine, startCol }: ParserError): Problem {
  return { path, line: startLine, column: startCol, rule: 'html', message: code.replaceAll('-', ' ') };
}
