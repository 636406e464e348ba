// API room. The events of a job as they happen, for readers that may lose the line and come back.
import { Readable } from 'node:stream';
import { accountScope, hasEnded } from '@fairmeter/domain';
import { findJob, readJobEvents } from '@fairmeter/ledger/reads';
import type { HttpMetrics, Logger } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { Controller, Get, Headers, Inject, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isJobId, noSuchJob, ownJob } from '../jobs/job-reader.js';
import { ApiKeyGuard, Holder, NeedsScope } from '../keys/api-key.guard.js';
import type { KeyHolder } from '../keys/key-holder.js';
import { READ_SCOPE, tenantOf } from '../keys/key-holder.js';
import { AnswersEvents, NeedsKey, Problems } from '../openapi/describe.js';
import { contextOf } from '../requests/request-context.js';
import { API_LOGGER, API_METRICS } from '../tokens.js';
import type { JobNews } from './event-stream.js';
import { eventFrames } from './event-stream.js';
import { EventWake } from './event-wake.js';
import { resumePoint } from './resume-point.js';

const PAGE_SIZE = 200;
const KEEP_ALIVE_MS = 15_000;
const RETRY_MS = 1_000;

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(ApiKeyGuard)
export class JobEventsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly wake: EventWake,
    @Inject(API_METRICS) private readonly metrics: HttpMetrics,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  @Get(':job_id/events')
  @NeedsScope(READ_SCOPE)
  @ApiOperation({
    operationId: 'streamJobEvents',
    summary: 'The events of a job, as they happen',
    description:
      'Server-sent events. Without Last-Event-ID the stream starts at the beginning; it ends after `job.ended`. ' +
      'A reader that comes back after the end gets 204, which tells a browser to stay away.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The id of the last event seen.' })
  @ApiQuery({ name: 'after', required: false, schema: { type: 'string' }, description: 'The same, for plain readers.' })
  @AnswersEvents()
  @Problems('job_not_found', 'validation_failed')
  async events(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Holder() holder: KeyHolder,
    @Param('job_id') jobId: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query('after') afterText: unknown,
  ): Promise<void> {
    if (!isJobId(jobId)) throw noSuchJob();
    const resumed = resumePoint(lastEventId, afterText);
    const after = resumed ?? 0n;
    const scopeId = accountScope(holder.accountId);
    // Entered before the first look: what happens in between wakes it.
    const sleeper = this.wake.enter(scopeId);
    const leave = () => {
      this.wake.leave(scopeId, sleeper);
    };
    try {
      const first = await this.news(holder, jobId, after);
      if (resumed !== undefined && first.ended && first.events.length === 0) {
        leave();
        void reply.status(204).send();
        return;
      }
      const closed = new AbortController();
      reply.raw.once('close', () => {
        closed.abort();
        sleeper.wake();
        leave();
      });
      const frames = eventFrames({
        first,
        after,
        sleeper,
        pageSize: PAGE_SIZE,
        keepAliveMs: KEEP_ALIVE_MS,
        retryMs: RETRY_MS,
        read: async (seen) => this.news(holder, jobId, seen),
        pollMs: () => this.wake.pollMs,
        isOver: () => closed.signal.aborted || this.wake.isStopped,
      });
      this.send(request, reply, this.counted(frames, contextOf(request).requestId));
    } catch (error) {
      leave();
      throw error;
    }
  }

  private send(request: FastifyRequest, reply: FastifyReply, frames: AsyncGenerator<string, void>): void {
    void reply
      .status(200)
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-cache, no-transform')
      .header('x-accel-buffering', 'no');
    // A look at the headers alone is no reader.
    if (request.method === 'HEAD') void reply.send('');
    else void reply.send(Readable.from(frames, { objectMode: true, highWaterMark: 1 }));
  }

  /** Both from one snapshot: a job that had ended has all its events in it. */
  private async news(holder: KeyHolder, jobId: string, after: bigint): Promise<JobNews> {
    return this.database.asTenant(tenantOf(holder), async (tx) => {
      const job = ownJob(await findJob(tx, jobId), holder);
      return { events: await readJobEvents(tx, jobId, { after, limit: PAGE_SIZE }), ended: hasEnded(job.state) };
    });
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
