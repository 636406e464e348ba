// API room. Server-sent events on the wire: one id, one type, one line of JSON.
import type { JobEventView } from '@fairmeter/ledger/reads';
import { instantToText } from '@fairmeter/domain';

export const KEEP_ALIVE_FRAME = ': keep-alive\n\n';

/** How long a client waits before it comes back, in milliseconds. */
export function openingFrame(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}

export function eventFrame(event: JobEventView): string {
  const data = { ...event.payload, seq: event.seq.toString(), at: instantToText(event.at) };
  return frame(event.seq, event.type, data);
}

/** JSON escapes line breaks, so the data is always one line. */
export function frame(id: bigint, type: string, data: object): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
