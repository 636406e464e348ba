// API room. One reader's stream of a job: what happened so far, then what happens, until the job has ended.
import type { JobEventView } from '@fairmeter/ledger/reads';
import type { Line } from './event-reply.js';
import { eventFrame, KEEP_ALIVE_FRAME, openingFrame } from './sse-format.js';

export interface JobNews {
  readonly events: readonly JobEventView[];
  /** In the same snapshot the job had ended, and its loop was written down: with no events left, none will come. */
  readonly ended: boolean;
}

export interface EventFeed extends Line {
  /** What the first look found, so that it is not looked for twice. */
  readonly first: JobNews;
  readonly after: bigint;
  readonly pageSize: number;
  readonly keepAliveMs: number;
  readonly retryMs: number;
  read(after: bigint): Promise<JobNews>;
}

/** A loop that stopped a job is written down, and given back where it was ours, right after the end. */
function isLast({ type, payload }: JobEventView): boolean {
  return type === 'job.ended' && payload['state'] !== 'stopped_loop';
}

/**
 * Frames one after the other. The next one is asked for when the reader has taken the last, so a slow reader holds
 * back its own stream and nobody's memory.
 */
export async function* eventFrames(feed: EventFeed): AsyncGenerator<string, void> {
  yield openingFrame(feed.retryMs);
  let after = feed.after;
  let news = feed.first;
  let quietSince = performance.now();
  while (!feed.isOver()) {
    for (const event of news.events) {
      yield eventFrame(event);
      after = event.seq;
      quietSince = performance.now();
      // A reader who takes long may have lost the right to it meanwhile.
      if (isLast(event) || feed.isOver()) return;
    }
    if (news.events.length === 0 && news.ended) return;
    if (news.events.length < feed.pageSize) {
      const untilKeepAlive = quietSince + feed.keepAliveMs - performance.now();
      await feed.sleeper.sleep(Math.max(0, Math.min(feed.pollMs(), untilKeepAlive)));
      if (feed.isOver()) return;
      if (performance.now() - quietSince >= feed.keepAliveMs) {
        yield KEEP_ALIVE_FRAME;
        quietSince = performance.now();
      }
    }
    news = await feed.read(after);
  }
}
