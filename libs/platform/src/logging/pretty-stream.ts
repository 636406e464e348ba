// Platform room. Log lines for a person at a terminal: time, level, message, then the facts.
import type { DestinationStream } from 'pino';

const SILENT_FIELDS = new Set(['time', 'level', 'msg', 'service', 'version']);

export function prettyStream(out: { write(text: string): unknown }): DestinationStream {
  return {
    write(line: string): void {
      out.write(prettyLine(line));
    },
  };
}

export function prettyLine(line: string): string {
  const parsed = parse(line);
  if (parsed === undefined) return line;
  const facts = Object.entries(parsed)
    .filter(([name]) => !SILENT_FIELDS.has(name))
    .map(([name, value]) => `${name}=${shown(value)}`);
  const time = shown(parsed['time']).slice(11, 23);
  const level = shown(parsed['level']).toUpperCase().padEnd(5);
  return `${[time, level, `[${shown(parsed['service'])}]`, shown(parsed['msg']), ...facts].join(' ')}\n`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined ? '' : JSON.stringify(value);
}
