// API room. The page behind each `type`: the text is written by hand in the documentation, one file per code.
import { readFileSync } from 'node:fs';
import type { ProblemCode } from '@fairmeter/contracts';
import { PROBLEMS } from '@fairmeter/contracts';
import type { FastifyReply } from 'fastify';

const FOLDER = new URL('../../../../docs/problems/', import.meta.url);

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text);
}

export function problemPage(code: ProblemCode): string {
  return readFileSync(new URL(`${code}.md`, FOLDER), 'utf8');
}

export function problemIndex(): string {
  const rows = Object.entries(PROBLEMS).map(
    ([code, { status, title }]) => `- [${code}](problems/${code}) ${status}: ${title}`,
  );
  return `# Problems\n\nEvery error of this API carries one of these codes.\n\n${rows.join('\n')}\n`;
}

const HTML = 'text/html; charset=utf-8';
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export function sendPage(reply: FastifyReply, title: string, markdown: string): void {
  void reply.header('content-security-policy', POLICY).type(HTML).send(toHtml(title, markdown));
}

/** As much Markdown as those pages use: headings, paragraphs, lists, code. */
export function toHtml(title: string, markdown: string): string {
  const blocks = markdown
    .split(/^(```[\s\S]*?^```)$/m)
    .flatMap((part) => (part.startsWith('```') ? [codeBlock(part)] : part.split(/\n{2,}/).map(textBlock)));
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>` +
    '<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}' +
    'pre{background:#f4f4f4;padding:1rem;overflow:auto}</style></head>' +
    `<body>\n${blocks.filter((block) => block !== '').join('\n')}\n</body></html>\n`
  );
}

function codeBlock(part: string): string {
  return `<pre><code>${escaped(part.replace(/^```\w*\n/, '').replace(/```$/, ''))}</code></pre>`;
}

function textBlock(block: string): string {
  const text = block.trim();
  if (text === '') return '';
  const heading = /^(#{1,3}) (.*)$/.exec(text);
  if (heading !== null) {
    const level = heading[1]?.length ?? 1;
    return `<h${level}>${inline(heading[2] ?? '')}</h${level}>`;
  }
  if (text.startsWith('- ')) {
    const items = text.split(/\n- /).map((item) => `<li>${inline(item.replace(/^- /, ''))}</li>`);
    return `<ul>\n${items.join('\n')}\n</ul>`;
  }
  return `<p>${inline(text)}</p>`;
}

function inline(text: string): string {
  return escaped(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\(([\w./-]+)\)/g, '<a href="$2">$1</a>');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
