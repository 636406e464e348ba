// API room. The page behind each tip: written by hand in the documentation.
import { readFileSync } from 'node:fs';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendPage } from '../problems/problem-pages.js';

const PAGE = new URL('../../../../docs/tips.md', import.meta.url);

@ApiExcludeController()
@Controller('docs')
export class TipsPageController {
  @Get('tips')
  page(@Res() reply: FastifyReply): void {
    sendPage(reply, 'Tips', readFileSync(PAGE, 'utf8'));
  }
}
