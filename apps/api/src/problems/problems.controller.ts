// API room. `type` of every problem document leads here.
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ProblemError } from './problem-error.js';
import { isProblemCode, problemIndex, problemPage, sendPage } from './problem-pages.js';

@ApiExcludeController()
@Controller('problems')
export class ProblemsController {
  @Get()
  index(@Res() reply: FastifyReply): void {
    sendPage(reply, 'Problems', problemIndex());
  }

  @Get(':code')
  page(@Param('code') code: string, @Res() reply: FastifyReply): void {
    if (!isProblemCode(code)) throw new ProblemError('not_found', 'There is no such problem.');
    sendPage(reply, code, problemPage(code));
  }
}
