// API room. For whoever runs this process: is it alive, is it ready, what does it count.
import type { Registry } from '@fairmeter/platform';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Answers, Problems } from '../openapi/describe.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_REGISTRY } from '../tokens.js';
import type { Readiness } from './readiness.js';
import { PARTS, ReadinessCheck } from './readiness.js';

@ApiTags('Operations')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: ReadinessCheck,
    @Inject(API_REGISTRY) private readonly registry: Registry,
  ) {}

  @Get('health/live')
  @ApiOperation({ operationId: 'live', summary: 'The process answers' })
  @Answers(200, 'Live', 'It does.')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @ApiOperation({ operationId: 'ready', summary: 'Postgres, Temporal and a worker are there' })
  @Answers(200, 'Ready', 'Jobs can be submitted and will run.')
  @Problems('service_unavailable')
  async ready(): Promise<{ status: 'ready'; parts: Readiness }> {
    const parts = await this.readiness.now();
    const missing = PARTS.filter((part) => parts[part] === 'missing');
    if (missing.length === 0) return { status: 'ready', parts };
    throw new ProblemError('service_unavailable', `Not there at the moment: ${missing.join(', ')}.`, {
      members: { missing, parts },
    });
  }

  @Get('metrics')
  @ApiExcludeEndpoint()
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const text = await this.registry.metrics();
    void reply.header('content-type', this.registry.contentType).send(text);
  }
}
