// Tour: reading server-sent events. Promises each event once and in order: a broken stream is taken up again after the
// last id seen.
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerSentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

export class SseParser {
  private rest = '';
  private id = '';
  private type = '';
  private data: string[] = [];

  /** Takes the next piece of text and gives the events that it completes. */
  push(chunk: string): readonly ServerSentEvent[] {
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.take(line));
  }

  private take(line: string): readonly ServerSentEvent[] {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.id = value;
    else if (field === 'event') this.type = value;
    else if (field === 'data') this.data.push(value);
    return [];
  }

  private dispatch(): readonly ServerSentEvent[] {
    const event = { id: this.id, type: this.type === '' ? 'message' : this.type, data: this.data.join('\n') };
    const empty = this.data.length === 0;
    this.type = '';
    this.data = [];
    return empty ? [] : [event];
  }
}

export interface FollowOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly onEvent: (event: ServerSentEvent) => 'go on' | 'done';
}

const retryAfterMs = 500;
/** So many broken connections in a row without a single new event mean that the API is gone. */
const fruitlessMax = 20;

export async function followEvents(options: FollowOptions): Promise<void> {
  let lastId = '';
  let fruitless = 0;
  for (;;) {
    const before = lastId;
    const outcome = await followOnce(options, lastId, (id) => {
      lastId = id;
    });
    if (outcome === 'done') return;
    fruitless = lastId === before ? fruitless + 1 : 0;
    if (fruitless >= fruitlessMax) throw new Error(`${options.url} gives no more events: ${outcome}`);
    await sleep(retryAfterMs);
  }
}

/** Answers `done`, or why the stream is no more. */
async function followOnce(options: FollowOptions, lastId: string, seen: (id: string) => void): Promise<string> {
  const headers = {
    ...options.headers,
    accept: 'text/event-stream',
    ...(lastId === '' ? {} : { 'last-event-id': lastId }),
  };
  try {
    const answer = await fetch(options.url, { headers });
    if (!answer.ok || answer.body === null) return `status ${answer.status}`;
    const parser = new SseParser();
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      for (const event of parser.push(chunk)) {
        if (event.id !== '') seen(event.id);
        if (options.onEvent(event) === 'done') return 'done';
      }
    }
    return 'the stream ended';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
