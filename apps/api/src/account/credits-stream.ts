// API room. What an account has, as it changes: the present figure first, then a new one after every commit. A reader
// gets at most one figure in a while, always the newest: figures are not history, and those in between are of no use.
import type { CreditsView } from '@fairmeter/ledger/reads';
import type { Line } from '../events/event-reply.js';
import { frame, KEEP_ALIVE_FRAME, openingFrame } from '../events/sse-format.js';
import { toCreditsBody } from './credits-body.js';

export interface CreditsFeed extends Line {
  readonly first: CreditsView;
  readonly keepAliveMs: number;
  readonly retryMs: number;
  /** At least this long between two figures. */
  readonly restMs: number;
  now(): number;
  read(): Promise<CreditsView>;
}

export async function* creditsFrames(feed: CreditsFeed): AsyncGenerator<string, void> {
  yield openingFrame(feed.retryMs);
  let shown = feed.first;
  yield figure(shown);
  let spokeAt = performance.now();
  while (!feed.isOver()) {
    const untilKeepAlive = spokeAt + feed.keepAliveMs - performance.now();
    const untilChange = shown.nextChangeAt === null ? Infinity : shown.nextChangeAt - feed.now();
    await feed.sleeper.sleep(Math.max(0, Math.min(feed.pollMs(), untilKeepAlive, Math.max(untilChange, feed.restMs))));
    await rest(spokeAt + feed.restMs - performance.now());
    if (feed.isOver()) return;
    const next = await feed.read();
    if (isNews(shown, next)) {
      yield figure(next);
      spokeAt = performance.now();
    } else if (performance.now() - spokeAt >= feed.keepAliveMs) {
      yield KEEP_ALIVE_FRAME;
      spokeAt = performance.now();
    }
    shown = next;
  }
}

function figure(view: CreditsView): string {
  return frame(view.eventSeq, 'credits', toCreditsBody(view));
}

/** The same figures a moment later are no news; an entry more is, and so is a lot that ended by itself. */
function isNews(shown: CreditsView, next: CreditsView): boolean {
  const told = (view: CreditsView): string => JSON.stringify({ ...toCreditsBody(view), as_of: null, point: null });
  return told(shown) !== told(next);
}

async function rest(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resume) => setTimeout(resume, ms));
}
