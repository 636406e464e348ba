// API room. The files of a job one by one. They are other people's words: never shown as a page of ours, always
// plain text to be saved.
import type { ApiConfig } from '@fairmeter/platform';
import { Controller, Get, Headers, Inject, Param, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, AnswersFile, NeedsKey, Problems } from '../openapi/describe.js';
import { API_CONFIG } from '../tokens.js';
import { taggedHash } from './entity-tag.js';
import { FileReader } from './file-reader.js';
import type { FilesBody } from './files-body.js';
import { toFilesBody } from './files-body.js';

/** The parameters of a route that ends in a star, as the router names them. */
interface FilePlace {
  readonly job_id?: string;
  readonly '*'?: string;
}

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(CallerGuard)
export class FilesController {
  constructor(
    private readonly reader: FileReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get(':job_id/files')
  @Operation({
    operationId: 'listJobFiles',
    summary: 'The files of a job',
    description:
      'Free, for every plan, also with no credits left: as they were when the job ended, however it ended, or as the ' +
      'last step of a running job left them.',
  })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'JobFiles', 'All of them; none where the job wrote no files.')
  @Problems('job_not_found', 'files_gone')
  async list(@Asking() caller: Caller, @Param('job_id') jobId: string): Promise<FilesBody> {
    return toFilesBody(await this.reader.list(caller, jobId), this.config.publicUrl);
  }

  @Get(':job_id/files/*')
  @Operation({
    operationId: 'readJobFile',
    summary: 'One file of a job',
    description:
      'Free, and as often as wanted. Slashes of the path may stand as they are or be escaped; the `url` of the list ' +
      'is ready to be used. The ETag is the sha256 of the bytes.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiParam({ name: 'path', description: 'As the list tells it.' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the bytes the caller has.' })
  @AnswersFile()
  @Problems('job_not_found', 'file_not_found', 'files_gone')
  async file(
    @Res() reply: FastifyReply,
    @Asking() caller: Caller,
    @Param() { job_id: jobId = '', '*': path = '' }: FilePlace,
    @Headers('if-none-match') known: string | undefined,
  ): Promise<void> {
    const { sha256, bytes, body } = await this.reader.file(caller, { jobId, path, known: taggedHash(known) });
    // Shared caches know nothing of keys.
    void reply.headers({ etag: `"${sha256}"`, 'cache-control': 'private, no-cache' });
    if (body === null) {
      void reply.status(304).send();
      return;
    }
    void reply
      .headers({
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(bytes),
        'content-disposition': attachment(path.slice(path.lastIndexOf('/') + 1)),
        'x-content-type-options': 'nosniff',
        // Should a browser open it nevertheless, nothing in it runs or loads.
        'content-security-policy': "default-src 'none'; sandbox",
      })
      .send(Buffer.from(body, 'utf8'));
  }
}

/** The name in letters that every client reads, and as it is for those that read RFC 8187. */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["%\\]/g, '_');
  const exact = encodeURIComponent(name).replace(/['()*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
