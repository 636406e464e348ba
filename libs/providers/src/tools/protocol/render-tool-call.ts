// Providers room, tools. A call as a model would write it: the inverse of reading one, for scripts and for tests.
import { labelFor, mark } from './marks.js';
import type { ToolCall } from './tool-call.js';

export function renderToolCall(call: ToolCall): string {
  const sections = sectionsOf(call);
  const label = labelFor(sections.map(([, text]) => text));
  const lines = Object.entries(argumentsOf(call)).map(([name, value]) => `${name}: ${value}\n`);
  const written = sections.map(([word, text]) => `${mark(word, label)}\n${closed(text)}`);
  return `${mark('tool', label, call.tool)}\n${lines.join('')}${written.join('')}${mark('end', label)}\n`;
}

type SectionText = readonly ['content' | 'old' | 'new', string];

function sectionsOf(call: ToolCall): SectionText[] {
  switch (call.tool) {
    case 'write':
      return [['content', call.content]];
    case 'patch':
      return call.hunks.flatMap(({ old, new: after }): SectionText[] => [
        ['old', old],
        ['new', after],
      ]);
    case 'ask':
      return [['content', call.question]];
    case 'done':
      return [['content', call.summary]];
    case 'list':
    case 'read':
    case 'search':
    case 'delete':
    case 'move':
      return [];
  }
}

function argumentsOf(call: ToolCall): Readonly<Record<string, string | number>> {
  switch (call.tool) {
    case 'write': {
      const open = call.content !== '' && !call.content.endsWith('\n');
      return { path: call.path, ...(open ? { final_newline: 'no' } : {}) };
    }
    case 'search':
      return {
        [call.kind === 'regex' ? 'regex' : 'text']: call.query,
        ...(call.path === undefined ? {} : { path: call.path }),
      };
    case 'read': {
      const { path, from, to } = call;
      return { path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    }
    case 'move':
      return { from: call.from, to: call.to };
    case 'list':
      return call.path === undefined ? {} : { path: call.path };
    case 'patch':
    case 'delete':
      return { path: call.path };
    case 'ask':
    case 'done':
      return {};
  }
}

/** Sections are made of whole lines. */
function closed(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
