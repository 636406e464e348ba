// API room. The events of a job as they happen, for readers that may lose the line and come back.
import { hasEnded } from '@fairmeter/domain';
import type { JobEventView, JobView } from '@fairmeter/ledger/reads';
import { findJob, hasLoopFinding, readJobEvents } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { Controller, Get, Headers, Inject, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isJobId, noSuchJob, ownJob } from '../jobs/job-reader.js';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { AnswersEvents, NeedsKey, Problems } from '../openapi/describe.js';
import { EventReply, KEEP_ALIVE_MS, RETRY_MS } from './event-reply.js';
import { API_CLOCK } from '../tokens.js';
import type { JobNews } from './event-stream.js';
import { eventFrames } from './event-stream.js';
import { resumePoint } from './resume-point.js';

const PAGE_SIZE = 200;
/** What came of a loop is due within a minute of the end (F11): later a stream waits for it no longer. */
const LOOP_DUE_MS = 60_000;

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(CallerGuard)
export class JobEventsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly replies: EventReply,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':job_id/events')
  @Operation({
    operationId: 'streamJobEvents',
    summary: 'The events of a job, as they happen',
    description:
      'Server-sent events. Without Last-Event-ID the stream starts at the beginning; it ends after `job.ended`, or ' +
      'where a loop stopped the job after what came of it. ' +
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
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Query('after') afterText: unknown,
  ): Promise<void> {
    if (!isJobId(jobId)) throw noSuchJob();
    const resumed = resumePoint(lastEventId, afterText);
    const after = resumed ?? 0n;
    const line = this.replies.open(request, reply, await this.scopeOf(caller, jobId));
    const first = await this.news(caller, jobId, after);
    if (resumed !== undefined && first.ended && first.events.length === 0) {
      void reply.status(204).send();
      return;
    }
    const frames = eventFrames({
      first,
      after,
      ...line,
      pageSize: PAGE_SIZE,
      keepAliveMs: KEEP_ALIVE_MS,
      retryMs: RETRY_MS,
      read: async (seen) => this.news(caller, jobId, seen),
    });
    this.replies.send(request, reply, frames);
  }

  /** Whose events the job's are: those of whoever pays for it. */
  private async scopeOf(caller: Caller, jobId: string): Promise<string> {
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const job = ownJob(await findJob(tx, jobId), caller);
      return job.scopeId;
    });
  }

  /** What came of a loop is written right after the end; a word that never comes is not waited for without end. */
  private owesWord({ state, endedAt }: JobView): boolean {
    return state === 'stopped_loop' && endedAt !== null && this.clock.now() - endedAt <= LOOP_DUE_MS;
  }

  /** Both from one snapshot: a job that had ended has all its events in it. */
  private async news(caller: Caller, jobId: string, after: bigint): Promise<JobNews> {
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const job = ownJob(await findJob(tx, jobId), caller);
      const isOver = hasEnded(job.state) && (!this.owesWord(job) || (await hasLoopFinding(tx, jobId)));
      const events = await readJobEvents(tx, jobId, { after, limit: PAGE_SIZE });
      const isOthers = caller.kind === 'visitor' && job.funding !== 'end_user';
      return { events: isOthers ? events.map(withoutFigures) : events, ended: isOver };
    });
  }
}

/** Of whoever pays: what is left there is not for a visitor to know. */
const FIGURES: ReadonlySet<string> = new Set(['available', 'required', 'limit_source', 'reason', 'resets_at']);

function withoutFigures(event: JobEventView): JobEventView {
  const told = Object.entries(event.payload).filter(([name]) => !FIGURES.has(name));
  return { ...event, payload: Object.fromEntries(told) };
}
