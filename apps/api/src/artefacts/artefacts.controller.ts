// API room. The download of a job's ZIP, as often as wanted.
import { Controller, Get, Headers, Param, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { AnswersZip, NeedsKey, Problems } from '../openapi/describe.js';
import { ArtefactReader } from './artefact-reader.js';
import { taggedHash } from './entity-tag.js';

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(CallerGuard)
export class ArtefactsController {
  constructor(private readonly reader: ArtefactReader) {}

  @Get(':job_id/artefact')
  @Operation({
    operationId: 'downloadArtefact',
    summary: 'The files of a job as a ZIP',
    description: 'Free, and as often as wanted until it expires. The ETag is the sha256 of the bytes.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the bytes the caller has.' })
  @AnswersZip()
  @Problems('job_not_found', 'artefact_not_found', 'artefact_expired')
  async download(
    @Res() reply: FastifyReply,
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Headers('if-none-match') known: string | undefined,
  ): Promise<void> {
    const { artefact, body } = await this.reader.file(caller, jobId, taggedHash(known));
    void reply.headers({
      etag: `"${artefact.sha256}"`,
      // Shared caches know nothing of keys.
      'cache-control': 'private, no-cache',
    });
    if (body === null) {
      void reply.status(304).send();
      return;
    }
    void reply
      .headers({
        'content-type': 'application/zip',
        'content-length': String(artefact.bytes),
        // The id was checked for its letters, so the name needs no quoting of its own.
        'content-disposition': `attachment; filename="${artefact.jobId}.zip"`,
        'x-content-type-options': 'nosniff',
      })
      .send(body);
  }
}
