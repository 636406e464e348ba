// API room. `type` of every problem document leads here.
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ProblemError } from './problem-error.js';
import { isProblemCode, problemIndex, problemPage, toHtml } from './problem-pages.js';

const HTML = 'text/html; charset=utf-8';
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

@ApiExcludeController()
@Controller('problems')
export class ProblemsController {
  @Get()
  index(@Res() reply: FastifyReply): void {
    void reply.header('content-security-policy', POLICY).type(HTML).send(toHtml('Problems', problemIndex()));
  }

  @Get(':code')
  page(@Param('code') code: string, @Res() reply: FastifyReply): void {
    if (!isProblemCode(code)) throw new ProblemError('not_found', 'There is no such problem.');
    void reply
      .header('content-security-policy', POLICY)
      .type(HTML)
      .send(toHtml(code, problemPage(code)));
  }
}
