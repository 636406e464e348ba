// API room. How a stream of events is answered, whatever it tells: a reader's line to its scope, the headers, the count
// of open streams, and what happens when one breaks. A stream lasts no longer than the right to it: whose key was
// revoked, whose token ran out and who is no member any more hears nothing further.
import { Readable } from 'node:stream';
import type { HttpMetrics, Logger } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Callers } from '../callers/callers.js';
import { contextOf } from '../requests/request-context.js';
import { API_LOGGER, API_METRICS } from '../tokens.js';
import type { Sleeper } from './event-wake.js';
import { EventWake } from './event-wake.js';

export const KEEP_ALIVE_MS = 15_000;
export const RETRY_MS = 1_000;
/** Whether a credential still holds is asked by the clock, not by the event: where much happens it costs no more. */
const CREDENTIAL_ASKED_EVERY_MS = 3_000;

/** One reader's line to what happens in a scope, for as long as its response is open. */
export interface Line {
  readonly sleeper: Sleeper;
  pollMs(): number;
  isOver(): boolean;
}

@Injectable()
export class EventReply {
  constructor(
    private readonly wake: EventWake,
    private readonly callers: Callers,
    @Inject(API_METRICS) private readonly metrics: HttpMetrics,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  /** Opened before the first look: what happens in between wakes the reader. */
  open(request: FastifyRequest, reply: FastifyReply, scopeId: string): Line {
    const sleeper = this.wake.enter(scopeId);
    const line = { closed: false };
    const asking = setInterval(() => void this.endUnheard(request, close), CREDENTIAL_ASKED_EVERY_MS);
    // A stream keeps the process from ending by its connection, not by this.
    asking.unref();
    const close = (): void => {
      clearInterval(asking);
      line.closed = true;
      sleeper.wake();
      this.wake.leave(scopeId, sleeper);
    };
    if (reply.raw.destroyed) close();
    else reply.raw.once('close', close);
    return { sleeper, pollMs: () => this.wake.pollMs, isOver: () => line.closed || this.wake.isStopped };
  }

  send(request: FastifyRequest, reply: FastifyReply, frames: AsyncGenerator<string, void>): void {
    void reply
      .status(200)
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no');
    // A look at the headers alone is no reader.
    if (request.method === 'HEAD') {
      void reply.send('');
      return;
    }
    const counted = this.counted(frames, contextOf(request).requestId);
    void reply.send(Readable.from(counted, { objectMode: true, highWaterMark: 1 }));
  }

  /** Where it cannot be told whose request it was, the stream ends as well: its reader comes back and is told why. */
  private async endUnheard(request: FastifyRequest, end: () => void): Promise<void> {
    try {
      if (await this.callers.isStill(request)) return;
    } catch (error) {
      this.logger.warn({ requestId: contextOf(request).requestId, err: error }, 'a reader could not be asked for');
    }
    end();
  }

  /** A stream that breaks just ends: the reader comes back with the last id it has seen. */
  private async *counted(frames: AsyncGenerator<string, void>, requestId: string): AsyncGenerator<string, void> {
    this.metrics.openStreams.inc();
    try {
      yield* frames;
    } catch (error) {
      this.logger.warn({ requestId, err: error }, 'an event stream broke off');
    } finally {
      this.metrics.openStreams.dec();
    }
  }
}
